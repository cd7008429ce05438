/** The pages, and how one gets from each to all others. */

/** A page that the navigation leads to; its route loads `pages/NAME.tsx`. */
export interface NavigationEntry {
  readonly name: PageName;
  readonly path: string;
  readonly label: string;
  /** The letter that leads there after `g`. */
  readonly key: string;
}

export type PageName = "engines" | "requests" | "events" | "logs" | "config";

export const NAVIGATION: readonly NavigationEntry[] = [
  { name: "engines", path: "/", label: "Engines", key: "e" },
  { name: "requests", path: "/requests", label: "Requests", key: "r" },
  { name: "events", path: "/events", label: "Events", key: "v" },
  { name: "logs", path: "/logs", label: "Logs", key: "l" },
  { name: "config", path: "/config", label: "Config", key: "c" },
];

/** `current` is the page that is seen, or belongs to the one that is seen. */
export function Navigation({ current }: { readonly current: PageName | undefined }) {
  return (
    <nav class="pages" aria-label="Pages">
      <ul>
        {NAVIGATION.map(({ name, path, label, key }) => (
          <li key={name}>
            <a href={path} data-key={key} aria-current={name === current ? "page" : undefined}>
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
