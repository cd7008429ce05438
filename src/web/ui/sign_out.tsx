/** A button that signs out. */
import { LOGOUT_PATH } from "../../access/mod.ts";

export function SignOut() {
  return (
    <form method="post" action={LOGOUT_PATH}>
      <button type="submit" class="small">Sign out</button>
    </form>
  );
}
