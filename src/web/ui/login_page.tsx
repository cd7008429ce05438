/** Where a person signs in with a token. It needs no script. */
import { LOGIN_PATH } from "../../access/mod.ts";
import { Layout, renderDocument } from "./layout.tsx";
import { SignOut } from "./sign_out.tsx";

export interface LoginModel {
  readonly version: string;
  /** Why somebody sees this page. */
  readonly text: string;
  readonly isSignedIn: boolean;
}

export function renderLoginPage({ version, text, isSignedIn }: LoginModel): string {
  return renderDocument(
    <Layout title="Sign in" version={version}>
      <section class="card">
        <h1>Sign in</h1>
        <p role="alert">{text}</p>
        <form class="send" method="post" action={LOGIN_PATH}>
          <label for="token">Token</label>
          <div class="send-row">
            <input
              id="token"
              name="token"
              type="password"
              required
              autocomplete="current-password"
              aria-describedby="token-hint"
            />
            <button type="submit" class="primary">Sign in</button>
          </div>
          <p class="hint" id="token-hint">
            It stands in the file that --token-file names, on a line that begins with admin.
          </p>
        </form>
        {isSignedIn ? <SignOut /> : (
          <p class="none">
            Signed in already, and here by a link of another site? <a href="/">Open the engines</a>.
          </p>
        )}
      </section>
    </Layout>,
  );
}
