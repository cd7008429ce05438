/** Something a person should know, in one or two sentences. */
import type { NoticeEvent } from "../../events/mod.ts";
import { noticeText } from "./words.js";

export function NoticeLine({ notice }: { readonly notice: NoticeEvent | null }) {
  return (
    <p class="notice" data-part="notice" hidden={notice === null}>
      <strong data-field="notice-title">{notice?.title}</strong>{" "}
      <span data-field="notice-text">{notice && noticeText(notice)}</span>
    </p>
  );
}
