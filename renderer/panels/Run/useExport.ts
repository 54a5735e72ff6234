/** One export of a checkpoint: what to write, how far it is, and where it lies at the end. */
import { computed, onScopeDispose, reactive, shallowRef } from 'vue'
import { ExportResult, type Job } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { t } from '../../language/index.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { jobNow } from '../../composables/jobNow.ts'
import { workbench } from '../../workbench.ts'

export const exportFormats = () =>
  ({
    onnx: t('ONNX: onnxruntime, OpenVINO, TensorRT'),
    safetensors: t("safetensors: PyTorch, with torchvision's names"),
    tfjs: t('tfjs: browsers'),
  }) as const

export function useExport(checkpointId: string) {
  const choices = reactive({
    format: 'onnx' as keyof ReturnType<typeof exportFormats>,
    logits: true,
    embedding: true,
    fold: false,
    withPreprocessing: false,
  })
  const job = shallowRef<Job | null>(null)
  const { isBusy, run: act } = useAction()
  const isRunning = computed(() => job.value?.status === 'running')
  const made = computed(() => ExportResult.safeParse(job.value?.result).data ?? null)
  /** A file of weights says nothing of what is computed with them. */
  const isWeightsAlone = computed(() => choices.format === 'safetensors')

  const start = (): Promise<boolean> =>
    act(async () => {
      const { format, logits, embedding } = choices
      // Both together are whatever the network has.
      const outputs = logits && embedding ? null : [logits ? ('logits' as const) : ('embedding' as const)]
      const fold = choices.fold && !isWeightsAlone.value
      const withPreprocessing = choices.withPreprocessing && !isWeightsAlone.value
      const order = { id: checkpointId, format, outputs, fold, withPreprocessing }
      const { id } = await workbench().checkpoints.export(order)
      job.value = await jobNow(id)
    })
  const cancel = (): Promise<boolean> =>
    act(async () => {
      if (job.value) await workbench().jobs.cancel({ id: job.value.id })
    })
  const refresh = async (): Promise<void> => {
    if (job.value) job.value = await jobNow(job.value.id)
  }
  onScopeDispose(
    workbench().jobs.onChanged(changed => {
      if (changed.id === job.value?.id) job.value = changed
    }),
  )
  useConnectionStore().onReconnect(() => void refresh().catch(() => {}))
  return { choices, job, made, isBusy, isRunning, isWeightsAlone, start, cancel }
}
