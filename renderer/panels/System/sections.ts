/** The sections of the settings, in the order in which they are shown. To add one: a component, and a line here. */
import type { Component } from 'vue'
import { t } from '../../language/index.ts'
import AboutSection from './AboutSection.vue'
import AlertRules from './AlertRules.vue'
import ComputingSection from './ComputingSection.vue'
import CrashReports from './CrashReports.vue'
import DataFolderSection from './DataFolderSection.vue'
import DiskBudget from './DiskBudget.vue'
import GeneralSection from './GeneralSection.vue'
import LibtorchSection from './LibtorchSection.vue'

export interface Section {
  /** Stands in the address: `#/system?section=computing`. */
  readonly id: string
  readonly title: string
  readonly component: Component
}

export function sections(): readonly Section[] {
  return [
    { id: 'general', title: t('General'), component: GeneralSection },
    { id: 'alerts', title: t('Alerts'), component: AlertRules },
    { id: 'computing', title: t('Computing'), component: ComputingSection },
    { id: 'libtorch', title: t('Native libraries'), component: LibtorchSection },
    { id: 'data-folder', title: t('Data folder'), component: DataFolderSection },
    { id: 'disk-budget', title: t('Disk budget'), component: DiskBudget },
    { id: 'crashes', title: t('Crash reports'), component: CrashReports },
    { id: 'about', title: t('About'), component: AboutSection },
  ]
}
