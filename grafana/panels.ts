import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  StackingConfigBuilder,
  StackingMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Chosen at the top of the dashboard, so that the same JSON works with any Prometheus. */
const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` };
const WIDTH = 24;

export interface Query {
  readonly expr: string;
  /** What a series is called, with its labels as `{{label}}`. */
  readonly legend?: string;
}

export interface PanelSpec {
  readonly title: string;
  /** What it shows and what is good, for whoever sees it at night. */
  readonly description: string;
  /** Grafana's id of a unit: `s`, `percentunit`, `bytes`, `reqps`, `short` … */
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly kind?: 'series' | 'stacked' | 'stat' | 'table';
  /** Of 24 columns; by default a third. */
  readonly width?: number;
  /** Where a value begins to be bad; `falling` where small ones are. */
  readonly bad?: { readonly at: number; readonly falling?: boolean };
  readonly max?: number;
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Name → PromQL metric and label whose values it takes. */
  readonly variables: Readonly<Record<string, { readonly metric: string; readonly label: string }>>;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[];
}

/** Lays the panels out, row by row, and numbers them. */
export function dashboardOf({ uid, title, description, variables, rows }: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['corridor'])
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .link(new DashboardLinkBuilder('Corridor').type(DashboardLinkType.Dashboards).tags(['corridor']).keepTime(true))
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  for (const [name, { metric, label }] of Object.entries(variables))
    builder.withVariable(variable(name, metric, label));
  let id = 0;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(++id));
    for (const spec of row.panels) builder.withPanel(panelOf(spec).id(++id));
  }
  return builder.build();
}

function variable(name: string, metric: string, label: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .datasource(DATASOURCE)
    .query({ query: `label_values(${metric}, ${label})`, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}

function panelOf(spec: PanelSpec): TimeSeriesBuilder | StatBuilder | TableBuilder {
  const { kind = 'series', width = WIDTH / 3, queries, bad } = spec;
  const panel = kind === 'stat' ? new StatBuilder() : kind === 'table' ? new TableBuilder() : seriesOf(spec);
  panel
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(DATASOURCE)
    .span(width)
    .height(kind === 'stat' ? 4 : 8);
  for (const [index, query] of queries.entries()) {
    const target = new DataqueryBuilder().refId(String.fromCharCode(65 + index)).expr(query.expr);
    if (query.legend !== undefined) target.legendFormat(query.legend);
    if (kind === 'series' || kind === 'stacked') target.range();
    else target.instant();
    if (kind === 'table') target.format(PromQueryFormat.Table);
    panel.withTarget(target.datasource(DATASOURCE));
  }
  if (spec.max !== undefined) panel.max(spec.max);
  if (bad !== undefined) panel.thresholds(thresholds(bad));
  return panel;
}

function seriesOf({ kind, bad }: PanelSpec): TimeSeriesBuilder {
  const panel = new TimeSeriesBuilder()
    .min(0)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    );
  if (kind === 'stacked') panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal)).fillOpacity(30);
  if (bad !== undefined) {
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return panel;
}

function thresholds({ at, falling = false }: NonNullable<PanelSpec['bad']>): ThresholdsConfigBuilder {
  const [below, above] = falling ? ['red', 'green'] : ['green', 'red'];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    // Grafana's first step stands for minus infinity.
    { value: null, color: below },
    { value: at, color: above },
  ]);
}
