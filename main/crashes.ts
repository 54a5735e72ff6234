/** Crash reports of Electron's own processes: written to the data folder, sent to nobody. */
import { join } from 'node:path'
import type { App, CrashReporter } from 'electron'

/** To be called before the app is ready. @param dataFolder of the workbench. */
export function keepCrashReports(
  app: Pick<App, 'setPath'>,
  crashReporter: Pick<CrashReporter, 'start'>,
  dataFolder: string,
): void {
  app.setPath('crashDumps', join(dataFolder, 'crashes'))
  crashReporter.start({ uploadToServer: false, ignoreSystemCrashHandler: false, compress: false })
}
