/** Simplified Chinese of the networks, losses and optimizers that can be chosen, with their options. */

/** No file of the interface: these texts come with the catalogue. */
export const zh: Readonly<Record<string, string>> = {
  'CIFAR ResNet-110': 'CIFAR ResNet-110',
  '110 layers for small images (28 to 64 pixels), 1.7 million parameters at width 16.':
    '110 层，用于小图像（28 到 64 像素），宽度 16 时有 170 万参数。',
  Width: '宽度',
  'Channels of the first stage; the second has twice, the third four times as many.':
    '第一阶段的通道数；第二阶段为其两倍，第三阶段为四倍。',
  channels: '通道',
  'Zero last gamma': '末端 gamma 置零',
  'Start the last batch norm of every residual branch at zero, so that each block begins as the identity.':
    '每个残差分支最后一个批归一化从零开始，使每个块起初为恒等映射。',
  'Squeeze and excitation': '压缩与激励（SE）',
  'Weigh the channels of every block by what all of them have seen (Hu et al. 2018).':
    '根据所有通道的信息为每个块的通道加权（Hu et al. 2018）。',
  Pooling: '池化',
  'How the last map becomes an embedding. average: the mean; gem: the generalised mean, between mean and maximum; max: the maximum':
    '最后的特征图如何变成嵌入。average：均值；gem：广义均值，介于均值与最大值之间；max：最大值',
  'GeM power': 'GeM 指数',
  'p of the generalised mean: 1 is the mean; the larger, the nearer to the maximum':
    '广义均值的 p：1 为均值，越大越接近最大值',
  'Learn GeM power': '学习 GeM 指数',
  'Train p with the weights, from the value above': '与权重一起训练 p，从上面的值开始',
  Dropout: 'Dropout',
  'Share of the embedding that is set to zero before the classifier in training':
    '训练时在分类器之前被置零的嵌入比例',
  'CIFAR ResNet-20': 'CIFAR ResNet-20',
  '20 layers for small images (28 to 64 pixels), 0.27 million parameters at width 16.':
    '20 层，用于小图像（28 到 64 像素），宽度 16 时有 27 万参数。',
  'CIFAR ResNet-32': 'CIFAR ResNet-32',
  '32 layers for small images (28 to 64 pixels), 0.46 million parameters at width 16.':
    '32 层，用于小图像（28 到 64 像素），宽度 16 时有 46 万参数。',
  'CIFAR ResNet-44': 'CIFAR ResNet-44',
  '44 layers for small images (28 to 64 pixels), 0.66 million parameters at width 16.':
    '44 层，用于小图像（28 到 64 像素），宽度 16 时有 66 万参数。',
  'CIFAR ResNet-56': 'CIFAR ResNet-56',
  '56 layers for small images (28 to 64 pixels), 0.85 million parameters at width 16.':
    '56 层，用于小图像（28 到 64 像素），宽度 16 时有 85 万参数。',
  'CIFAR ResNet-8': 'CIFAR ResNet-8',
  '8 layers for small images (28 to 64 pixels), 75 thousand parameters at width 16.':
    '8 层，用于小图像（28 到 64 像素），宽度 16 时有 7.5 万参数。',
  'Inception-v4': 'Inception-v4',
  '149 convolutions in branching blocks, 42.7 million parameters with 1000 classes; made for 299 x 299 pixels; timm names.':
    '分支块中共 149 个卷积，1000 类时有 4270 万参数；针对 299 x 299 像素；采用 timm 的命名。',
  Form: '形式',
  'timm: batch norm with scale and shift, running statistics that weigh a batch by 0.1; slim: shift only, weighed by 0.0003':
    'timm：批归一化带缩放和偏移，滑动统计量对每批取权重 0.1；slim：只有偏移，权重 0.0003',
  'Auxiliary head': '辅助头',
  'A second classifier in the middle of the network, for training only. The loss says how much it counts (auxiliary weight)':
    '网络中部的第二个分类器，仅用于训练。其权重由损失决定（辅助权重）',
  'Channels of every convolution are multiplied by it: 1 is the published network':
    '每个卷积的通道数都乘以它：1 为论文中的网络',
  MultiGrain: 'MultiGrain',
  'Any of the networks here with GeM pooling to one embedding, which serves the classifier and, normalised, retrieval. Train it with the loss multigrain and repeated augmentation.':
    '此处任一网络，用 GeM 池化得到一个嵌入，供分类器使用，归一化后供检索使用。请配合 multigrain 损失和重复增强训练。',
  Backbone: '骨干网络',
  'The network in front of the pooling': '池化之前的网络',
  'Start the last batch norm of every residual branch at zero': '每个残差分支最后一个批归一化从零开始',
  'ResNet-101': 'ResNet-101',
  '101 layers of bottleneck residual blocks, 44.5 million parameters with 1000 classes; torchvision layout and names.':
    '101 层瓶颈残差块，1000 类时有 4450 万参数；采用 torchvision 的结构和命名。',
  'Start the last batch norm of every residual branch at zero, so that each block begins as the identity (Goyal et al. 2017). Often worth 0.2 to 0.3 % top-1.':
    '每个残差分支最后一个批归一化从零开始，使每个块起初为恒等映射（Goyal et al. 2017）。top-1 往往可提高 0.2 到 0.3 %。',
  'torchvision: symmetric padding, eps 1e-5; mindspore: padding as TensorFlow pads and eps 1e-4 for bottleneck networks. Weights of one do not serve the other':
    'torchvision：对称填充，eps 1e-5；mindspore：按 TensorFlow 的方式填充，瓶颈网络 eps 1e-4。两者的权重不能通用',
  Stem: '茎部',
  'standard: one 7x7 convolution; deep: three 3x3 convolutions of 32, 32 and 64 channels':
    'standard：一个 7x7 卷积；deep：三个 3x3 卷积，通道数为 32、32 和 64',
  'First convolution weights': '卷积初始权重',
  'kaiming-normal as torchvision; the others are those of the MindSpore recipes':
    'kaiming-normal 与 torchvision 相同；其余为 MindSpore 配方所用',
  'First classifier weights': '分类器初始权重',
  'uniform as torch; truncated-normal and normal with σ 0.01 as the MindSpore recipes':
    'uniform 与 torch 相同；truncated-normal 和 σ 为 0.01 的 normal 与 MindSpore 配方相同',
  'Drop path': '随机深度',
  'Share of the images that leave out the last residual branch in training; less for earlier ones':
    '训练时跳过最后一个残差分支的图像比例；越靠前的分支越少',
  'ResNet-152': 'ResNet-152',
  '152 layers of bottleneck residual blocks, 60.2 million parameters with 1000 classes; torchvision layout and names.':
    '152 层瓶颈残差块，1000 类时有 6020 万参数；采用 torchvision 的结构和命名。',
  'ResNet-18': 'ResNet-18',
  '18 layers of basic residual blocks, 11.7 million parameters with 1000 classes; torchvision layout and names.':
    '18 层基本残差块，1000 类时有 1170 万参数；采用 torchvision 的结构和命名。',
  'ResNet-34': 'ResNet-34',
  '34 layers of basic residual blocks, 21.8 million parameters with 1000 classes; torchvision layout and names.':
    '34 层基本残差块，1000 类时有 2180 万参数；采用 torchvision 的结构和命名。',
  'ResNet-50': 'ResNet-50',
  '50 layers of bottleneck residual blocks, 25.6 million parameters with 1000 classes; torchvision layout and names.':
    '50 层瓶颈残差块，1000 类时有 2560 万参数；采用 torchvision 的结构和命名。',
  'SE-ResNet-50': 'SE-ResNet-50',
  'ResNet-50 with squeeze and excitation in every block, reduction 16; 28.1 million parameters with 1000 classes; timm names.':
    '每个块都带压缩与激励（缩减率 16）的 ResNet-50；1000 类时有 2810 万参数；采用 timm 的命名。',
  'SE-ResNet-50, MindSpore': 'SE-ResNet-50（MindSpore）',
  'A stem of three 3x3 convolutions, pooling where others stride, squeeze and excitation (reduction 4) at the end of the last two stages.':
    '茎部为三个 3x3 卷积，用池化代替步幅，最后两个阶段的末尾带压缩与激励（缩减率 4）。',
  'Binary cross-entropy': '二元交叉熵',
  'Mean over images and classes of the cross-entropy of each class by itself.':
    '各类别各自的交叉熵，对图像和类别取平均。',
  'Label smoothing': '标签平滑',
  'Probability ε taken from the true class and spread over all classes.':
    '从真实类别取出、分摊到所有类别的概率 ε。',
  'Sum over classes': '对类别求和',
  'Sum over the classes and average over the images, instead of averaging over both.':
    '对类别求和、对图像取平均，而不是两者都取平均。',
  'Cross-entropy': '交叉熵',
  'Mean softmax cross-entropy over the batch, with optional label smoothing.':
    '整批的平均 softmax 交叉熵，可选标签平滑。',
  'Probability ε taken from the true class and spread over classes. 0 trains on plain labels.':
    '从真实类别取出、分摊到各类别的概率 ε。0 表示用原始标签训练。',
  'Spread over': '分摊方式',
  'uniform: target (1 − ε)·onehot + ε/K, as PyTorch, TensorFlow and timm do. other-classes: 1 − ε on the true class and ε/(K − 1) on each other, as MindSpore does.':
    'uniform：目标为 (1 − ε)·onehot + ε/K，与 PyTorch、TensorFlow 和 timm 相同。other-classes：真实类别为 1 − ε，其余各类为 ε/(K − 1)，与 MindSpore 相同。',
  'Auxiliary weight': '辅助权重',
  'How much the auxiliary head counts, in networks that have one, with the same smoothing. 0.4 as slim; 0 leaves it untrained.':
    '带辅助头的网络中辅助头所占的权重，使用相同的平滑。slim 为 0.4；0 表示不训练它。',
  'λ·cross-entropy + (1 − λ)·margin or triplet loss on normalised embeddings.':
    'λ·交叉熵 + (1 − λ)·归一化嵌入上的间隔或三元组损失。',
  'Weight of the classes (λ)': '分类权重（λ）',
  'λ·cross-entropy + (1 − λ)·loss of instances: 1 trains a classifier alone, 0 an embedding alone':
    'λ·交叉熵 + (1 − λ)·实例损失：1 只训练分类器，0 只训练嵌入',
  'Loss of instances': '实例损失',
  'margin: pairs against a learned boundary, as the paper; triplet: an image, one of its own and another; ordered-triplet: the batch as rows of anchor, positive, negative':
    'margin：成对图像相对于学习到的边界，与论文相同；triplet：一张图像、一张同类和一张异类；ordered-triplet：一批按锚点、正例、负例排成行',
  'Same instance': '同一实例',
  'image: copies of one image (needs a sampler that repeats images); class: images of one class':
    'image：同一图像的副本（需要会重复图像的采样器）；class：同一类别的图像',
  Margin: '间隔',
  'By how much pairs must be on their side. The paper has 0.2; for triplets 0.05 or 0.1 is usual':
    '成对图像应位于边界某一侧的余量。论文为 0.2；三元组通常用 0.05 或 0.1',
  'Boundary (β)': '边界（β）',
  'Where the learned boundary between near and far begins; margin loss only':
    '远近之间可学习边界的初值；仅用于 margin 损失',
  'Rate of the boundary': '边界的学习率',
  'Learning rate of β, times that of the run; 0 keeps it': 'β 的学习率，为运行学习率的倍数；0 表示保持不变',
  Negatives: '负例',
  'row-wise: drawn so that all distances are equally likely, for each image by itself; upstream: as the published code, which is nearly uniform in practice; uniform: any other image. Margin loss only':
    'row-wise：使所有距离出现的机会相等，对每张图像分别抽取；upstream：与公开代码相同，实际上接近均匀；uniform：任意其他图像。仅用于 margin 损失',
  Triplets: '三元组',
  'all: within the miner’s margin; hard: only those the wrong way round; semi-hard: only those the right way round within it; batch-hard: the farthest positive and nearest negative of each image':
    'all：挖掘间隔之内的全部；hard：只取次序错误的；semi-hard：只取间隔之内次序正确的；batch-hard：每张图像最远的正例和最近的负例',
  'Miner’s margin': '挖掘间隔',
  'Triplets whose negative is farther than the positive by more than this are left out':
    '负例比正例远出这么多的三元组被排除',
  AdamW: 'AdamW',
  'w ← w·(1 − lr·decay) − lr·m̂/(√v̂ + ε), with running means m of g and v of g².':
    'w ← w·(1 − lr·decay) − lr·m̂/(√v̂ + ε)，其中 m 为 g 的滑动平均，v 为 g² 的滑动平均。',
  'Beta 1': 'Beta 1',
  'Share of the mean gradient that each step keeps.': '每一步保留的梯度均值比例。',
  'Beta 2': 'Beta 2',
  'Share of the mean square that each step keeps.': '每一步保留的平方均值比例。',
  'Epsilon (ε)': 'Epsilon（ε）',
  'Added to the root of the mean square.': '加在均方根上的值。',
  'Decoupled decay': '解耦衰减',
  'Decay the weights themselves, as AdamW does; without it decay is added to the gradient, as Adam does.':
    '像 AdamW 那样直接衰减权重；否则像 Adam 那样把衰减加到梯度上。',
  'How strongly weights are pulled towards zero.': '权重被拉向零的强度。',
  'Leave out of weight decay': '不参与权重衰减',
  'none: decay every parameter, as PyTorch does by default. bn-and-bias: spare the scales and shifts of batch norm and all biases, as MindSpore recipes do.':
    'none：衰减所有参数，与 PyTorch 默认相同。bn-and-bias：不衰减批归一化的缩放和偏移以及所有偏置，与 MindSpore 配方相同。',
  LAMB: 'LAMB',
  'u = m̂/(√v̂ + ε) + decay·w;  w ← w − lr·(‖w‖/‖u‖)·u.':
    'u = m̂/(√v̂ + ε) + decay·w；  w ← w − lr·(‖w‖/‖u‖)·u。',
  'Adapt without decay': '无衰减也自适应',
  'Adapt the length also of tensors that are not decayed.': '对不衰减的张量也自适应步长。',
  LARS: 'LARS',
  'rate = η·‖w‖/(‖g‖ + decay·‖w‖ + ε);  v ← μ·v + lr·rate·(g + decay·w);  w ← w − v.':
    'rate = η·‖w‖/(‖g‖ + decay·‖w‖ + ε)；  v ← μ·v + lr·rate·(g + decay·w)；  w ← w − v。',
  'Momentum (μ)': '动量（μ）',
  'Share of the previous step that each step keeps.': '每一步保留的上一步比例。',
  'Trust coefficient (η)': '信任系数（η）',
  'Length of a step as a share of that of the weights, at a learning rate of 1.':
    '学习率为 1 时，步长占权重长度的比例。',
  'Added to the norms that are divided by.': '加在作为除数的范数上的值。',
  RMSProp: 'RMSProp',
  'ms ← α·ms + (1 − α)·g², from 0;  v ← μ·v + g/(√ms + ε);  w ← w − lr·v.':
    'ms ← α·ms + (1 − α)·g²，从 0 开始；  v ← μ·v + g/(√ms + ε)；  w ← w − lr·v。',
  'Decay (α)': '衰减（α）',
  'Share of the previous direction that each step keeps.': '每一步保留的上一方向比例。',
  Centred: '中心化',
  'Divide by the standard deviation of the gradient instead of its mean square.':
    '除以梯度的标准差，而不是其均方。',
  'RMSProp, TensorFlow': 'RMSProp（TensorFlow）',
  'ms ← ρ·ms + (1 − ρ)·g², from 1;  m ← μ·m + lr·g/√(ms + ε);  w ← w − m.':
    'ms ← ρ·ms + (1 − ρ)·g²，从 1 开始；  m ← μ·m + lr·g/√(ms + ε)；  w ← w − m。',
  'Decay (ρ)': '衰减（ρ）',
  'Added to the mean square under the root. Inception’s recipes have 1.':
    '加在根号内均方上的值。Inception 的配方为 1。',
  'bn-and-bias: only weights are decayed, as slim does; none: everything is.':
    'bn-and-bias：只衰减权重，与 slim 相同；none：全部衰减。',
  'SGD with momentum': '带动量的 SGD',
  'g ← g + decay·w;  v ← momentum·v + g;  w ← w − lr·v, or w − lr·(g + momentum·v) with Nesterov.':
    'g ← g + decay·w；  v ← momentum·v + g；  w ← w − lr·v，使用 Nesterov 时为 w − lr·(g + momentum·v)。',
  Momentum: '动量',
  'Share of the previous direction that each step keeps. 0 is plain gradient descent.':
    '每一步保留的上一方向比例。0 为普通梯度下降。',
  'Nesterov momentum': 'Nesterov 动量',
  'Look ahead along the momentum before stepping.': '迈步之前先沿动量方向前瞻。',
  THOR: 'THOR',
  'SGD with momentum on (1/T)·G⁻¹·∇W·A⁻¹, with the curvature of each layer measured every so many steps.':
    '在 (1/T)·G⁻¹·∇W·A⁻¹ 上带动量的 SGD，每隔若干步测量各层的曲率。',
  Damping: '阻尼',
  'How much of the plain gradient stays at the start: λ = damping·decay^(epoch/10).':
    '起初保留多少普通梯度：λ = damping·decay^(epoch/10)。',
  'Damping decay': '阻尼衰减',
  'What the damping is multiplied by over ten epochs.': '每十轮阻尼乘以的系数。',
  'Measure every': '测量间隔',
  'Steps from one measurement of the curvature to the next; the first step measures.':
    '两次曲率测量之间的步数；第一步会测量。',
  'Clip each gradient': '逐梯度裁剪',
  'Longest corrected gradient of one tensor, with its decay; 0 for no limit. MindSpore’s option has 1.':
    '单个张量校正后梯度（含衰减）的最大长度；0 表示不限。MindSpore 的选项为 1。',
}
