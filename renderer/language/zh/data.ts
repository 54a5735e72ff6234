/** Simplified Chinese of this area. */

/** Files below `renderer/`, or folders with a slash at their end, whose texts are all here or in another file of this folder. */
export const covers: readonly string[] = []

export const zh: Readonly<Record<string, string>> = {
  Augmentations: '数据增强',
  'Epoch {number}': '第 {number} 轮',
  Validation: '验证',
  'Input of the network: {size} × {size} pixels': '网络输入：{size} × {size} 像素',
  'Correct the settings to see what they do to the images': '请先更正设置，再查看其对图像的效果',
  'Another image': '换一张图像',
  'Next epochs': '后续轮次',
  'Some pictures are not kept any more.': '部分图片已不再保留。',
  'Draw again': '重新绘制',
}
