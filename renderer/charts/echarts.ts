/** The parts of ECharts that are used; its HTML tooltip is not, as it would need inline styles. */
import { BarChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use, type EChartsType } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([LineChart, ScatterChart, BarChart, GridComponent, CanvasRenderer])

export type Chart = EChartsType

export function makeChart(element: HTMLElement): Chart {
  return init(element, null, { renderer: 'canvas' })
}
