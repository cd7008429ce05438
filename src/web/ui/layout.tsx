/** The frame of every page. */
import type { Child } from "hono/jsx";
import { assetUrl } from "./assets.ts";
import { LinkPill } from "./link_pill.tsx";
import { Navigation, type PageName } from "./navigation.tsx";
import { SignOut } from "./sign_out.tsx";
import { ViewMenu } from "./view_menu.tsx";

/** What every page of somebody who may see pages knows. */
export interface Frame {
  readonly version: string;
  /** Wall clock in milliseconds. */
  readonly now: number;
  /** Id of the newest event that the page knows of. */
  readonly lastId: string;
  /** Who sees the page has signed in. */
  readonly asksForTokens: boolean;
}

export interface LayoutProps {
  /** Of the page, without the program's name. */
  readonly title: string;
  /** The entry of the navigation that is marked. */
  readonly page?: PageName;
  /** Where the page that is seen is found again. @default / */
  readonly path?: string;
  /** `<main>` has more room. */
  readonly isWide?: boolean;
  /** A module for the whole page, `NAME.js` of the assets; parts of it may name others. */
  readonly module?: string;
  /** Without it the page has no script: there is nothing on it that changes. */
  readonly frame?: Frame;
  /** Whether who sees it may see the other pages. @default when there is a frame */
  readonly isInside?: boolean;
  readonly version: string;
  readonly children: Child;
}

export function Layout(props: LayoutProps) {
  const { title, page, path = "/", frame, version, children } = props;
  const { isInside = frame !== undefined } = props;
  const isPart = frame !== undefined && path !== "/";
  const width = props.isWide === true ? "wide" : undefined;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === "" ? "AI Engine" : `${title} · AI Engine`}</title>
        <link rel="icon" type="image/svg+xml" href={assetUrl("icon.svg")} />
        <link rel="stylesheet" href={assetUrl("style.css")} />
        {isPart && <link rel="stylesheet" href={assetUrl("parts.css")} />}
        {frame && <script type="module" blocking="render" src={assetUrl("main.js")}></script>}
      </head>
      <body data-last-id={frame?.lastId} data-now={frame?.now} data-width={width}>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <a class="brand" href="/">
            <img src={assetUrl("icon.svg")} alt="" width="28" height="28" />
            <span>AI Engine</span>
          </a>
          {isInside && <Navigation current={page} />}
          {frame && (
            <div class="corner">
              <LinkPill now={frame.now} path={path} />
              <ViewMenu />
              {frame.asksForTokens && <SignOut />}
            </div>
          )}
        </header>
        <main
          id="main"
          tabindex={-1}
          data-module={props.module === undefined ? undefined : assetUrl(props.module)}
        >
          {frame && <p class="unseen" role="status" data-field="announcement"></p>}
          {children}
        </main>
        <footer class="bottom">
          <span>AI Engine {version}</span>
          <a href="/api/engines">Control API</a>
        </footer>
      </body>
    </html>
  );
}

/** A whole document. */
export function renderDocument(page: unknown): string {
  return `<!doctype html>${page}`;
}
