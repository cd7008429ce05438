/** The charts of an engine: what the server knows when the page is asked for. The script goes on from there. */
import { assetUrl } from "../../assets.ts";
import type { Section, SectionContext } from "../engine.tsx";
import {
  bandsOf,
  type Chart,
  CHARTS,
  chartText,
  COLUMNS,
  HEIGHT,
  History,
  pathOf,
  rowsOf,
  type Slot,
  SLOTS,
  topOf,
} from "../../words_charts.js";

export const CHARTS_SECTION: Section = {
  id: "charts",
  title: "Last ten minutes",
  render: (context) => <Charts engine={context.view.name} slots={slotsOf(context)} />,
};

/** From the requests that are still known; of the engine itself only how it is now. */
function slotsOf({ view, frame: { now }, deps }: SectionContext): readonly Slot[] {
  const history = new History();
  for (const request of deps.requests.recent()) {
    if (request.engine === view.name) history.addRequest(request);
  }
  history.addView(view, now);
  return history.slots(now);
}

function Charts({ engine, slots }: { readonly engine: string; readonly slots: readonly Slot[] }) {
  return (
    <div class="charts" data-module={assetUrl("charts.js")} data-charts={engine}>
      {CHARTS.map((chart) => <ChartFigure key={chart.id} chart={chart} slots={slots} />)}
      <p class="hint">
        From ten minutes ago to now; behind the lines is the state. Latency: the line is what half
        of the requests took at most, the dashes what 95 % did.
      </p>
      <details>
        <summary>Show as table</summary>
        <div class="table" tabindex={0} role="region" aria-label="The charts as a table">
          <table>
            <thead>
              <tr>{COLUMNS.map((name) => <th key={name} scope="col">{name}</th>)}</tr>
            </thead>
            <tbody>
              {rowsOf(slots).map((cells, index) => (
                <tr key={index}>
                  {cells.map((text, at) => <td key={at} data-label={COLUMNS[at]}>{text}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

interface ChartFigureProps {
  readonly chart: Chart;
  readonly slots: readonly Slot[];
}

/** The picture says nothing that the words above it do not. */
function ChartFigure({ chart, slots }: ChartFigureProps) {
  const { id, title, series } = chart;
  const values = series.map((one) => slots.map((slot) => slot[one]));
  const top = topOf(values.flat());
  return (
    <figure>
      <figcaption>
        <strong>{title}</strong> <span data-field={`chart-${id}`}>{chartText(chart, slots)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${SLOTS - 1} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        data-chart={id}
      >
        <g>
          {bandsOf(slots).map(({ x, width, tone, word }) => (
            <rect key={x} x={x} y={0} width={width} height={HEIGHT} data-tone={tone}>
              <title>{word}</title>
            </rect>
          ))}
        </g>
        {values.map((each, index) => (
          <path key={index} d={pathOf(each, top)} vector-effect="non-scaling-stroke" />
        ))}
      </svg>
    </figure>
  );
}
