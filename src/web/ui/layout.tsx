/** The frame of every page. */
import type { Child } from "hono/jsx";
import { assetUrl } from "./assets.ts";

export interface LayoutProps {
  readonly title: string;
  readonly version: string;
  /** Stands at the right end of the header. */
  readonly corner?: Child;
  /** What the browser's part starts from; without it the page has no script. */
  readonly live?: { readonly lastId: string; readonly now: number };
  readonly children: Child;
}

export function Layout({ title, version, corner, live, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" type="image/svg+xml" href={assetUrl("icon.svg")} />
        <link rel="stylesheet" href={assetUrl("style.css")} />
        {live && <script type="module" src={assetUrl("client.js")}></script>}
      </head>
      <body data-last-id={live?.lastId} data-now={live?.now}>
        <a class="skip" href="#main">Skip to the engines</a>
        <header class="top">
          <a class="brand" href="/">
            <img src={assetUrl("icon.svg")} alt="" width="28" height="28" />
            <span>AI Engine</span>
          </a>
          {corner}
        </header>
        <main id="main" tabindex={-1}>{children}</main>
        <footer class="bottom">
          <span>AI Engine {version}</span>
          <a href="/api/engines">Control API</a>
        </footer>
      </body>
    </html>
  );
}
