// The parts of Apache ECharts that the report draws with.
import * as echarts from 'echarts/core';
import { ScatterChart, LineChart, BarChart, HeatmapChart, ParallelChart } from 'echarts/charts';
import { GridComponent, TooltipComponent, LegendComponent, VisualMapComponent, ParallelComponent, DataZoomComponent, BrushComponent, ToolboxComponent, AriaComponent, MarkLineComponent } from 'echarts/components';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

echarts.use([
  ScatterChart, LineChart, BarChart, HeatmapChart, ParallelChart,
  GridComponent, TooltipComponent, LegendComponent, VisualMapComponent, ParallelComponent, DataZoomComponent, BrushComponent, ToolboxComponent, AriaComponent, MarkLineComponent,
  CanvasRenderer, SVGRenderer,
]);
globalThis.echarts = echarts;
