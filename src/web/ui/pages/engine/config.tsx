/** What is set of one engine, on its page. */
import { ConfigTable } from "../../config_table.tsx";
import type { Section } from "../engine.tsx";

export const CONFIG: Section = {
  id: "config",
  title: "Configuration",
  render: async ({ view: { name }, deps }) => {
    const { settings, later } = await deps.config();
    const prefix = `engines.${name}.`;
    const rows = settings.filter(({ setting }) => setting.startsWith(prefix));
    return (
      <>
        <ConfigTable rows={rows} prefix={prefix} later={later} />
        <p>
          <a href="/config">The whole configuration</a>
        </p>
      </>
    );
  },
};
