/** What the host is, and its report about the machine. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { DoctorReport, SystemInfo } from '../../core/contract/index.ts'
import { workbench } from '../workbench.ts'

export const useSystemStore = defineStore('system', () => {
  const info = shallowRef<SystemInfo | null>(null)
  const doctor = shallowRef<DoctorReport | null>(null)
  const doctorError = ref('')
  const isExamining = ref(false)

  const load = async (): Promise<void> => {
    info.value = await workbench().system.info({})
  }
  /** Examines every backend; takes some seconds. */
  const examine = async (): Promise<void> => {
    if (isExamining.value) return
    isExamining.value = true
    doctorError.value = ''
    try {
      doctor.value = await workbench().system.doctor({})
    } catch (error) {
      doctorError.value = error instanceof Error ? error.message : String(error)
    } finally {
      isExamining.value = false
    }
  }
  return { info, doctor, doctorError, isExamining, load, examine }
})
