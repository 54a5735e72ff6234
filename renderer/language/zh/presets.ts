/** Simplified Chinese of the presets. */

/** No file of the interface: these texts come with the catalogue. */
export const zh: Readonly<Record<string, string>> = {
  'Sample: digits in minutes': '示例：几分钟学会数字',
  'A residual network of 8 layers on 28 × 28 grey digits; 98 % in one to two minutes on two cores.':
    '8 层残差网络，28 × 28 灰度数字；双核一到两分钟达到 98 %。',
  'CIFAR-10, MultiGrain': 'CIFAR-10，MultiGrain',
  'ResNet-20 with GeM pooling, each image twice in a batch: an embedding for classes and copies on small images.':
    '带 GeM 池化的 ResNet-20，每批中每张图像出现两次：小图像上兼顾类别与副本的嵌入。',
  'CIFAR-10, ResNet-20': 'CIFAR-10，ResNet-20',
  'The CIFAR experiment of the ResNet paper; it reports 91.25 % test top-1.':
    'ResNet 论文的 CIFAR 实验；论文报告测试 top-1 为 91.25 %。',
  'CIFAR-10, ResNet-56': 'CIFAR-10，ResNet-56',
  'The CIFAR experiment of the ResNet paper; it reports 93.03 % test top-1.':
    'ResNet 论文的 CIFAR 实验；论文报告测试 top-1 为 93.03 %。',
  'CIFAR-10, SE-ResNet-20': 'CIFAR-10，SE-ResNet-20',
  'The recipe of He et al. with squeeze and excitation in every block.':
    'He et al. 的配方，每个块带压缩与激励。',
  'ImageNet, Inception-v4 (Ascend recipe)': 'ImageNet，Inception-v4（Ascend 配方）',
  "100 epochs of RMSProp on one device of 128 images: the original's code, which leaves the auxiliary head untrained and always changes brightness before saturation.":
    '单设备每批 128 张，RMSProp 100 轮：按原版代码，不训练辅助头，总是先改变亮度再改变饱和度。',
  'ImageNet, Inception-v4 (Ascend recipe, eight devices)': 'ImageNet，Inception-v4（Ascend 配方，八设备）',
  '100 epochs of RMSProp on eight devices of 64 images, with the learning rate of one.':
    '八设备各 64 张，RMSProp 100 轮，学习率与单设备相同。',
  'ImageNet, Inception-v4 (TF-slim)': 'ImageNet，Inception-v4（TF-slim）',
  "TF-slim's defaults: RMSProp, the rate times 0.94 every two epochs, auxiliary head with weight 0.4, full colour distortion. slim sets no length; 100 epochs here.":
    'TF-slim 的默认值：RMSProp，每两轮学习率乘以 0.94，辅助头权重 0.4，完整的颜色扭曲。slim 未规定长度，这里为 100 轮。',
  'ImageNet, ResNet-101 (MindSpore recipe)': 'ImageNet，ResNet-101（MindSpore 配方）',
  "120 epochs of linear times cosine decay, label smoothing. The learning rate is the recipe's 0.1 for eight devices of 32 images, scaled to one; it reports 78.5 % top-1.":
    '120 轮线性乘余弦衰减，标签平滑。学习率为配方八设备各 32 张的 0.1 按单设备缩放；报告 top-1 为 78.5 %。',
  'ImageNet, ResNet-152 (Ascend recipe)': 'ImageNet，ResNet-152（Ascend 配方）',
  '140 epochs, cosine by epochs after five epochs of warm-up, learning rate 0.1 for batches of 256.':
    '140 轮，五轮预热后按轮余弦，批大小 256 时学习率 0.1。',
  'ImageNet, ResNet-152 (MindSpore recipe)': 'ImageNet，ResNet-152（MindSpore 配方）',
  "140 epochs, rate in steps of a tenth, last batch norm of each branch from zero. The learning rate is the recipe's 0.1 for eight devices of 32 images, scaled to one; it reports 78.6 % top-1.":
    '140 轮，学习率逐级降为十分之一，各分支最后的批归一化从零开始。学习率为配方八设备各 32 张的 0.1 按单设备缩放；报告 top-1 为 78.6 %。',
  'ImageNet, ResNet-18': 'ImageNet，ResNet-18',
  "PyTorch's ImageNet example with its defaults: 90 epochs, learning rate 0.1 divided by 10 every 30.":
    'PyTorch 的 ImageNet 示例及其默认值：90 轮，学习率 0.1，每 30 轮除以 10。',
  'ImageNet, ResNet-18 (MindSpore recipe)': 'ImageNet，ResNet-18（MindSpore 配方）',
  "90 epochs, linear decay, label smoothing. The learning rate 0.1 is the recipe's 0.8 for eight devices, scaled to one; it reports 70.5 % top-1.":
    '90 轮，线性衰减，标签平滑。学习率 0.1 为配方八设备的 0.8 按单设备缩放；报告 top-1 为 70.5 %。',
  'ImageNet, ResNet-34 (MindSpore recipe)': 'ImageNet，ResNet-34（MindSpore 配方）',
  "90 epochs, linear decay, label smoothing. The learning rate 0.1 is the recipe's 0.8 for eight devices, scaled to one; it reports 73.7 % top-1.":
    '90 轮，线性衰减，标签平滑。学习率 0.1 为配方八设备的 0.8 按单设备缩放；报告 top-1 为 73.7 %。',
  'ImageNet, ResNet-50': 'ImageNet，ResNet-50',
  'ImageNet, ResNet-50 (A1)': 'ImageNet，ResNet-50（A1）',
  '600 epochs; the paper reports 80.4 % top-1.': '600 轮；论文报告 top-1 为 80.4 %。',
  'ImageNet, ResNet-50 (A2)': 'ImageNet，ResNet-50（A2）',
  '300 epochs; the paper reports 79.8 % top-1.': '300 轮；论文报告 top-1 为 79.8 %。',
  'ImageNet, ResNet-50 (A3)': 'ImageNet，ResNet-50（A3）',
  '100 epochs at 160 pixels; the paper reports 78.1 % top-1 at 224 (evaluate --size 224).':
    '160 像素训练 100 轮；论文报告 224 像素下 top-1 为 78.1 %（evaluate --size 224）。',
  'ImageNet, ResNet-50 (MindSpore Boost recipe)': 'ImageNet，ResNet-50（MindSpore Boost 配方）',
  "60 epochs with LARS at 192 pixels. The rate is the recipe's 13.01 for eight devices of 256 images, scaled to one.":
    '192 像素，LARS 60 轮。学习率为配方八设备各 256 张的 13.01 按单设备缩放。',
  'ImageNet, ResNet-50 (MindSpore recipe)': 'ImageNet，ResNet-50（MindSpore 配方）',
  "90 epochs, linear decay, label smoothing. The learning rate 0.1 is the recipe's 0.8 for eight devices, scaled to one; it reports 76.7 % top-1.":
    '90 轮，线性衰减，标签平滑。学习率 0.1 为配方八设备的 0.8 按单设备缩放；报告 top-1 为 76.7 %。',
  'ImageNet, ResNet-50 (NVIDIA)': 'ImageNet，ResNet-50（NVIDIA）',
  '90 epochs, cosine from 0.256 for batches of 256, momentum 0.875, label smoothing: 77.1 % top-1 as reported.':
    '90 轮，批大小 256 时从 0.256 起余弦衰减，动量 0.875，标签平滑：报告 top-1 为 77.1 %。',
  'ImageNet, ResNet-50 with THOR (Ascend recipe)': 'ImageNet，ResNet-50 与 THOR（Ascend 配方）',
  '45 epochs; curvature is measured six times an epoch. Reports 76.14 % top-1.':
    '45 轮；每轮测量六次曲率。报告 top-1 为 76.14 %。',
  'ImageNet, ResNet-50 with THOR (GPU recipe)': 'ImageNet，ResNet-50 与 THOR（GPU 配方）',
  '40 epochs; curvature is measured six times an epoch. Reports 75.97 % top-1.':
    '40 轮；每轮测量六次曲率。报告 top-1 为 75.97 %。',
  'ImageNet, ResNet-50 (torchvision, second weights)': 'ImageNet，ResNet-50（torchvision，第二版权重）',
  '600 epochs with TrivialAugment, mixup, CutMix, erasing, repeated augmentation and an average of the weights, at 176 pixels: 80.86 % top-1 at 224. Validation here is at 176; evaluate --size 224 repeats theirs.':
    '600 轮，TrivialAugment、mixup、CutMix、随机擦除、重复增强和权重平均，176 像素：224 像素下 top-1 为 80.86 %。此处验证为 176 像素；evaluate --size 224 可复现。',
  'ImageNet, SE-ResNet-50 (MindSpore recipe)': 'ImageNet，SE-ResNet-50（MindSpore 配方）',
  "24 of 28 epochs, pixels less their means and not scaled. The rate is the recipe's 0.3 for eight devices of 32 images, scaled to one. It judges at 256 pixels of 292 and reports 76.8 % top-1; validation here is at the training size, evaluate --size 256 repeats theirs.":
    '28 轮中的 24 轮，像素减去均值而不缩放。学习率为配方八设备各 32 张的 0.3 按单设备缩放。其评估为 292 中取 256 像素，报告 top-1 为 76.8 %；此处验证为训练尺寸，evaluate --size 256 可复现。',
  'ResNet-50 with GeM pooling on ImageNet: half cross-entropy, half margin loss on copies of the same image. The paper reports 77.4 % top-1 at 224 pixels, and 78.6 % at 500 with p = 4 (evaluate --size 500 --resize rect --p 4).':
    'ImageNet 上带 GeM 池化的 ResNet-50：一半交叉熵，一半同图副本上的间隔损失。论文报告 224 像素 top-1 为 77.4 %，500 像素且 p = 4 时为 78.6 %（evaluate --size 500 --resize rect --p 4）。',
  'MultiGrain with AutoAugment': 'MultiGrain 加 AutoAugment',
  'As the preset multigrain with AutoAugment in place of colour jitter; the paper reports 78.2 % top-1 at 224 pixels.':
    '与预设 multigrain 相同，用 AutoAugment 代替颜色抖动；论文报告 224 像素 top-1 为 78.2 %。',
  'MultiGrain (MindSpore description)': 'MultiGrain（MindSpore 说明）',
  "What the MindSpore project's description says: THOR, GeM, cross-entropy with label smoothing and triplet loss, batches of 480. Its code does otherwise: see multigrain-seed-compat. Float32 here; the loss scale 1024 belongs to float16 (precision).":
    'MindSpore 项目说明所述：THOR、GeM、带标签平滑的交叉熵和三元组损失，批大小 480。其代码并非如此：见 multigrain-seed-compat。此处为 float32；损失缩放 1024 属于 float16（精度）。',
  'MultiGrain (MindSpore code)': 'MultiGrain（MindSpore 代码）',
  "What the MindSpore project's code does: a plain ResNet-50 with THOR and cross-entropy without smoothing, as its triplet loss has the weight zero and its pooling comes after the mean. Eight devices of 30 images.":
    'MindSpore 项目代码实际所做：普通 ResNet-50，THOR，无平滑的交叉熵，因其三元组损失权重为零，池化又在均值之后。八设备各 30 张。',
}
