/** Simplified Chinese of the transforms, readers of data sets and figures that can be chosen, with their options. */

/** No file of the interface: these texts come with the catalogue. */
export const zh: Readonly<Record<string, string>> = {
  AutoAugment: 'AutoAugment',
  'Applies one of 25 pairs of operations that were found by search, each with its probability.':
    '从搜索得到的 25 对操作中取一对，各按其概率施加。',
  Policy: '策略',
  'On which data set the pairs were searched.': '在哪个数据集上搜索得到这些操作对。',
  Interpolation: '插值',
  'How pixels are looked up where the image is moved by parts of a pixel.':
    '图像移动不足一个像素时如何取像素值。',
  Fill: '填充色',
  'What comes in from outside the image: one grey level, or red, green and blue, from 0 to 255.':
    '图像之外填入的内容：一个灰度值，或红、绿、蓝，0 到 255。',
  'Centre crop': '居中裁剪',
  'Cuts the input size out of the middle; a smaller image is set on black.':
    '从中央裁出输入尺寸；较小的图像置于黑底上。',
  'Central crop': '中央裁剪',
  'Cuts a share of each side out of the middle and stretches it to the input size.':
    '从中央裁出每边的一定比例，再拉伸到输入尺寸。',
  Share: '比例',
  'How much of each side is kept. 0.875 is slim’s.': '每边保留多少。slim 为 0.875。',
  Resizing: '缩放方式',
  'bilinear: as TensorFlow’s, without antialiasing. antialiased: as the other transforms, and faster on JPEG images.':
    'bilinear：与 TensorFlow 相同，无抗锯齿。antialiased：与其他变换相同，对 JPEG 图像更快。',
  'Colour jitter': '颜色抖动',
  'Changes brightness, contrast, saturation and hue by random amounts, in random order.':
    '以随机次序、随机幅度改变亮度、对比度、饱和度和色调。',
  Brightness: '亮度',
  'How far the brightness may change. 0.4 means a factor from 0.6 to 1.4; 0 switches it off.':
    '亮度变化的幅度。0.4 表示系数从 0.6 到 1.4；0 表示关闭。',
  Contrast: '对比度',
  'How far the contrast may change. 0.4 means a factor from 0.6 to 1.4; 0 switches it off.':
    '对比度变化的幅度。0.4 表示系数从 0.6 到 1.4；0 表示关闭。',
  Saturation: '饱和度',
  'How far the saturation may change. 0.4 means a factor from 0.6 to 1.4; 0 switches it off.':
    '饱和度变化的幅度。0.4 表示系数从 0.6 到 1.4；0 表示关闭。',
  Hue: '色调',
  'How far the hue may turn either way, in parts of a full turn of the colour circle. 0 switches it off.':
    '色调可向两侧转动的幅度，以色环一周为单位。0 表示关闭。',
  'Distorted crop': '变形裁剪',
  'Cuts out a part of random height and shape and resizes it to the input size, as Inception’s training does.':
    '裁出随机高度和形状的一块并缩放到输入尺寸，与 Inception 的训练相同。',
  'Smallest part of the image, as a share of its area.': '裁出部分的最小面积占比。',
  'Largest part of the image, as a share of its area.': '裁出部分的最大面积占比。',
  'Smallest width divided by height, before resizing.': '缩放前宽高比的最小值。',
  'Widest shape': '最宽形状',
  'Largest width divided by height, before resizing.': '缩放前宽高比的最大值。',
  'Covered share': '覆盖比例',
  'Parts that show less of the image are drawn again. With slim’s 0.1, areas below a tenth do not occur.':
    '显示图像更少的部分会重新抽取。slim 为 0.1，不会出现小于十分之一的面积。',
  'antialiased: as the other transforms, and fastest on JPEG images. bilinear: as TensorFlow’s fast mode, without antialiasing. one-of-four: as its full mode, bilinear, nearest, bicubic or area.':
    'antialiased：与其他变换相同，对 JPEG 图像最快。bilinear：与 TensorFlow 的快速模式相同，无抗锯齿。one-of-four：与其完整模式相同，bilinear、nearest、bicubic 或 area。',
  'Scaled decoding': '缩小解码',
  'With antialiased resizing: decode JPEG images at a half, a quarter or an eighth of their size where the part stays at least twice the input size.':
    '使用抗锯齿缩放时：只要裁出部分仍至少为输入尺寸的两倍，就以二分之一、四分之一或八分之一的尺寸解码 JPEG 图像。',
  'Gaussian blur': '高斯模糊',
  'Blurs the image by a random amount, with a given probability.': '按给定概率对图像施加随机程度的模糊。',
  'Kernel size': '核大小',
  'Width of the window, an odd number. SimCLR takes a tenth of the image.':
    '窗口的宽度，奇数。SimCLR 取图像的十分之一。',
  'Least blur': '最小模糊',
  'Smallest standard deviation of the bell curve.': '钟形曲线的最小标准差。',
  'Most blur': '最大模糊',
  'Largest standard deviation of the bell curve.': '钟形曲线的最大标准差。',
  'Share of images that are blurred.': '被模糊的图像比例。',
  Greyscale: '灰度化',
  'Takes the colour away with a given probability; the image keeps its channels.':
    '按给定概率去除颜色；图像保留其通道数。',
  'Share of images that become grey.': '变为灰度的图像比例。',
  'Horizontal flip': '水平翻转',
  'Mirrors the image left to right with a given probability.': '按给定概率左右镜像图像。',
  'Share of images that are mirrored. 0 for digits and text, which mirroring would change.':
    '被镜像的图像比例。数字和文字用 0，镜像会改变其含义。',
  'Inception colours': 'Inception 颜色',
  'Changes brightness, saturation, hue and contrast in one of four orders, cut off at black and white in the end.':
    '以四种次序之一改变亮度、饱和度、色调和对比度，最后截断到黑与白。',
  'full: all four changes in one of four orders. fast: brightness and saturation, in that order for a quarter of the images. fixed: always in that order, as the Ascend port does.':
    'full：四种变化，取四种次序之一。fast：亮度和饱和度，四分之一的图像按此次序。fixed：始终按此次序，与 Ascend 移植版相同。',
  'Pad and crop': '填充并裁剪',
  'Pads every side with black and cuts out the input size at a random place.':
    '四边以黑色填充，再在随机位置裁出输入尺寸。',
  Padding: '填充',
  'Width of the black border before cutting, on each side. The usual 4 suits 32-pixel images.':
    '裁剪前每边黑框的宽度。通常的 4 适合 32 像素的图像。',
  'PCA lighting': 'PCA 光照',
  'Adds to all pixels a random colour, drawn as the colours of ImageNet vary.':
    '给所有像素加上一个随机颜色，其分布与 ImageNet 的颜色变化相同。',
  Strength: '强度',
  'Standard deviation of the random factors.': '随机系数的标准差。',
  Divisor: '除数',
  'Values are divided by it before they are cut off at white, so that fewer are: 1.1 in MultiGrain.':
    '在白色处截断之前先除以该值，使被截断的更少：MultiGrain 为 1.1。',
  RandAugment: 'RandAugment',
  'Applies a few operations, chosen at random, with the same strength to all images.':
    '随机选取几种操作，对所有图像以同样的强度施加。',
  'torchvision: 14 operations, one of them none, strengths 0 to 30. timm: 15 operations, strengths 0 to 10, which may vary.':
    'torchvision：14 种操作，其中一种为空操作，强度 0 到 30。timm：15 种操作，强度 0 到 10，可以变化。',
  Operations: '操作数',
  'How many operations are applied one after the other; the same may come twice.':
    '依次施加多少种操作；同一种可能出现两次。',
  'From 0 to bins - 1 in torchvision’s form (usually 9 of 30), from 0 to 10 in timm’s.':
    'torchvision 形式为 0 到 bins - 1（通常取 30 中的 9），timm 形式为 0 到 10。',
  Strengths: '强度级数',
  'How many strengths torchvision’s form has.': 'torchvision 形式的强度级数。',
  'Deviation of strength': '强度偏差',
  'In timm’s form each strength is drawn from a normal distribution of this standard deviation.':
    'timm 形式中，每个强度取自这一标准差的正态分布。',
  Increasing: '递增',
  'In timm’s form: every operation grows with the strength (inc1). Otherwise posterizing, solarizing and the enhancements do not.':
    'timm 形式：每种操作都随强度增大（inc1）。否则色调分离、曝光和增强类操作不会。',
  'Chance of each operation to be applied: 1 in torchvision, 0.5 in timm.':
    '每种操作被施加的机会：torchvision 为 1，timm 为 0.5。',
  'How pixels are looked up where the image is moved by parts of a pixel; random: bilinear or bicubic, as in timm.':
    '图像移动不足一个像素时如何取像素值；random：bilinear 或 bicubic，与 timm 相同。',
  'Random resized crop': '随机缩放裁剪',
  'Cuts out a part of random area and shape and resizes it to the input size.':
    '裁出随机面积和形状的一块并缩放到输入尺寸。',
  'Decode JPEG images at a half, a quarter or an eighth of their size where the part stays at least twice the input size: faster on large images, and within two grey levels of the same. Without the JPEG addon it changes nothing.':
    '只要裁出部分仍至少为输入尺寸的两倍，就以二分之一、四分之一或八分之一的尺寸解码 JPEG 图像：大图像更快，相差不超过两个灰度级。没有 JPEG 插件时无效。',
  Resize: '缩放',
  'Scales the image, keeping its shape, until its shorter side has the given length.':
    '保持形状缩放图像，直到短边达到给定长度。',
  'Shorter side': '短边',
  'Length of the shorter side after resizing. 256 goes with an input of 224.':
    '缩放后短边的长度。输入为 224 时用 256。',
  'Resize to input size': '缩放到输入尺寸',
  'Stretches the whole image to exactly the size that the network takes.': '把整张图像拉伸到网络所需的尺寸。',
  'Resize longer side': '缩放长边',
  'Scales the image, keeping its shape, until its longer side has the given length. Images then differ in size: for networks that take each on its own.':
    '保持形状缩放图像，直到长边达到给定长度。图像尺寸因此各异：用于逐张处理的网络。',
  'Longer side': '长边',
  'Length of the longer side after resizing.': '缩放后长边的长度。',
  TrivialAugment: 'TrivialAugment',
  'Applies one of 14 operations, chosen at random, with a random strength.':
    '随机选取 14 种操作之一，以随机强度施加。',
  'How many strengths there are, from none to the strongest.': '从无到最强共有多少级强度。',
  'Vertical flip': '垂直翻转',
  'Mirrors the image top to bottom with a given probability.': '按给定概率上下镜像图像。',
  'Share of images that are mirrored. For images without an up and down, as from above.':
    '被镜像的图像比例。用于没有上下之分的图像，如俯拍。',
  'CIFAR-10 (binary)': 'CIFAR-10（二进制）',
  'data_batch_1.bin to data_batch_5.bin and test_batch.bin, 32 × 32 colour images in 10 classes.':
    'data_batch_1.bin 至 data_batch_5.bin 及 test_batch.bin，10 类 32 × 32 彩色图像。',
  'CIFAR-100 (binary)': 'CIFAR-100（二进制）',
  'train.bin and test.bin, 32 × 32 colour images in 100 classes or 20 groups of classes.':
    'train.bin 和 test.bin，100 类或 20 个大类的 32 × 32 彩色图像。',
  Labels: '标签',
  'fine: the 100 classes. coarse: the 20 groups of five classes each.':
    'fine：100 个类别。coarse：20 个大类，每类五个。',
  'INRIA Copydays': 'INRIA Copydays',
  'original/200000.jpg, strong/200001.jpg: copies are queries, originals (and distractors/) the gallery.':
    'original/200000.jpg、strong/200001.jpg：副本为查询，原图（及 distractors/）为图库。',
  Copies: '副本',
  'strong alone, as most figures are given; all adds the folders jpegqual and crops':
    'strong 只用强攻击副本，与多数文献一致；all 另加 jpegqual 和 crops 文件夹',
  'Images listed in CSV files': 'CSV 文件列出的图像',
  'train.csv, val.csv, test.csv with lines of path,label; or one CSV with path,label,split.':
    'train.csv、val.csv、test.csv，每行为 path,label；或一个含 path,label,split 的 CSV。',
  'INRIA Holidays': 'INRIA Holidays',
  'jpg/100000.jpg and so on: numbers divisible by 100 are queries for the others of their hundred.':
    'jpg/100000.jpg 等：能被 100 整除的编号是同一百内其他图像的查询。',
  'IDX files (MNIST family)': 'IDX 文件（MNIST 系列）',
  'Pairs of files such as train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz.':
    '成对文件，如 train-images-idx3-ubyte 与 train-labels-idx1-ubyte，可为 .gz。',
  'Folders of images': '图像文件夹',
  'One folder a class, in train/, val/ and test/ or alone; or ImageNet with its own flat val/.':
    '每类一个文件夹，位于 train/、val/、test/ 中或单独存放；或带扁平 val/ 的 ImageNet。',
  'Queries and gallery in CSV files': 'CSV 文件中的查询与图库',
  'queries.csv and gallery.csv with lines of path,instance; a third column, junk, marks what does not count.':
    'queries.csv 和 gallery.csv，每行为 path,instance；第三列 junk 标出不计入的图像。',
  'Revisited Oxford and Paris': 'Revisited Oxford 与 Paris',
  'gnd_roxford5k.pkl or gnd_rparis6k.pkl (or .json) beside jpg/ with the images.':
    'gnd_roxford5k.pkl 或 gnd_rparis6k.pkl（或 .json），与存放图像的 jpg/ 并列。',
  'TFRecord files': 'TFRecord 文件',
  'train-00000-of-01024 and validation-00000-of-00128, or *.tfrecord, with encoded images and labels.':
    'train-00000-of-01024 与 validation-00000-of-00128，或 *.tfrecord，含编码图像与标签。',
  'Label of the first class': '第一个类别的标签',
  "0, or 1 where label 0 is a background without images, as in slim's ImageNet; auto looks at the labels and says what it found":
    '0；若标签 0 是没有图像的背景（如 slim 的 ImageNet）则为 1；auto 查看标签并告知结果',
  UKBench: 'UKBench',
  'full/ukbench00000.jpg and so on: four images in turn show the same object.':
    'full/ukbench00000.jpg 等：每四张图像依次展示同一物体。',
  'Cross-entropy loss': '交叉熵损失',
  'Mean −log p(true class) over the images, without label smoothing, summed in double precision.':
    '图像上 −log p（真实类别）的均值，不含标签平滑，以双精度求和。',
  'Top-1 accuracy': 'Top-1 准确率',
  'Share of images whose true class has the highest logit; ties count against the network.':
    '真实类别 logit 最高的图像比例；并列算作错误。',
  'Top-5 accuracy': 'Top-5 准确率',
  'Share of images whose true class is among the 5 highest logits; ties count against the network.':
    '真实类别位于最高 5 个 logit 之中的图像比例；并列算作错误。',
}
