/** Simplified Chinese of the schedules and samplers that can be chosen, with their options. */

/** No file of the interface: these texts come with the catalogue. */
export const zh: Readonly<Record<string, string>> = {
  'Ascend cosine': 'Ascend 余弦',
  'By whole epochs: lr·(epoch + 1)/(W + 1) during the warm-up W, then ½·lr·(1 + cos(π(epoch − W)/(E − W))).':
    '按整轮：预热 W 期间为 lr·(epoch + 1)/(W + 1)，之后为 ½·lr·(1 + cos(π(epoch − W)/(E − W)))。',
  'Peak learning rate, reached at the end of the warm-up.': '峰值学习率，在预热结束时达到。',
  'Epochs over which the learning rate climbs, one stair an epoch.': '学习率上升所用的轮数，每轮一级。',
  'Ascend Inception cosine': 'Ascend Inception 余弦',
  '½·lr·(1 + cos(π·epoch/T_max)) by whole epochs, without warm-up; 0 from T_max on.':
    '按整轮 ½·lr·(1 + cos(π·epoch/T_max))，无预热；从 T_max 起为 0。',
  'Learning rate of the first epoch.': '第一轮的学习率。',
  End: '终点',
  'T_max of the recipe: when the rate reaches 0, whatever the length of the run.':
    '配方中的 T_max：学习率降到 0 的时刻，与运行长度无关。',
  Constant: '常数',
  'The same learning rate throughout, after an optional warm-up.': '学习率始终不变，可选预热。',
  'Time over which the learning rate climbs in a straight line to its peak. Fractions are allowed.':
    '学习率线性上升到峰值所用的时间。可以是小数。',
  'Warm-up start': '预热起点',
  'Learning rate of the first step of the warm-up.': '预热第一步的学习率。',
  Cosine: '余弦',
  'Half a cosine from the peak to the final learning rate, step by step.':
    '从峰值到最终学习率的半个余弦，逐步变化。',
  'Final learning rate': '最终学习率',
  'What the schedule falls to at the end of the run.': '运行结束时学习率降到的值。',
  'Cosine with restarts': '带重启的余弦',
  'Half a cosine from the peak to the final learning rate, over and over in longer cycles.':
    '从峰值到最终学习率的半个余弦，周期越来越长地反复。',
  'First cycle': '首个周期',
  'Length of the first cycle after the warm-up.': '预热之后第一个周期的长度。',
  'Lengthen by': '周期倍数',
  'Each cycle is so many times as long as the one before.': '每个周期是前一个的多少倍。',
  'Restart factor': '重启系数',
  'What the peak is multiplied by at each restart.': '每次重启时峰值乘以的系数。',
  Exponential: '指数',
  'lr·factor^epochs, step by step, counted from the start of the run.':
    'lr·factor^轮数，逐步变化，从运行开始计。',
  'Decay factor': '衰减系数',
  'What the learning rate is multiplied by in the course of each epoch.': '每经过一轮，学习率乘以的系数。',
  Linear: '线性',
  'A straight line from the peak to the final learning rate, step by step.':
    '从峰值到最终学习率的直线，逐步变化。',
  'MindSpore cosine': 'MindSpore 余弦',
  'Warm-up init + (max − init)·(i + 1)/W, then max·[(T − i)/D · ½(1 + cos(0.94π·i/D)) + 1e-5]: linear times cosine.':
    '预热 init + (max − init)·(i + 1)/W，之后 max·[(T − i)/D · ½(1 + cos(0.94π·i/D)) + 1e-5]：线性乘以余弦。',
  'lr_max of the recipe: the rate at the end of the warm-up.': '配方中的 lr_max：预热结束时的学习率。',
  'Initial learning rate': '初始学习率',
  'lr_init of the recipe: the rate at the start of the warm-up.': '配方中的 lr_init：预热开始时的学习率。',
  'Time over which the learning rate climbs in a straight line.': '学习率线性上升所用的时间。',
  'MindSpore linear': 'MindSpore 线性',
  'Warm-up init + (max − init)·i/W, then a straight line from max to end.':
    '预热 init + (max − init)·i/W，之后从 max 到 end 的直线。',
  'MindSpore polynomial': 'MindSpore 多项式',
  'Warm-up init + (max − init)·i/W, then max·(1 − (i − W)/D)².':
    '预热 init + (max − init)·i/W，之后 max·(1 − (i − W)/D)²。',
  'MindSpore step': 'MindSpore 阶梯',
  'No warm-up; ×1, ×0.1, ×0.01, ×0.001 from 0.2, 0.5 and 0.7 of the run; constant 5e-5 after 0.9 of it.':
    '无预热；从运行的 0.2、0.5 和 0.7 处起依次 ×1、×0.1、×0.01、×0.001；0.9 之后恒为 5e-5。',
  'MindSpore steps': 'MindSpore 多级阶梯',
  'Warm-up init + (max − init)·i/W; ×1, ×0.1, ×0.01, ×0.001 from 0.3, 0.6 and 0.8 of the run.':
    '预热 init + (max − init)·i/W；从运行的 0.3、0.6 和 0.8 处起依次 ×1、×0.1、×0.01、×0.001。',
  'MindSpore THOR': 'MindSpore THOR',
  'lr·(1 − e/end)^power with e = (i + 1)/steps per epoch, halved from epoch 39 and again from epoch 40.':
    'lr·(1 − e/end)^power，其中 e = (i + 1)/每轮步数，从第 39 轮起减半，第 40 轮起再减半。',
  'lr_init of the recipe: what the rate would be before the first step.':
    '配方中的 lr_init：第一步之前学习率应有的值。',
  Power: '幂次',
  'lr_decay of the recipe: exponent of the decay.': '配方中的 lr_decay：衰减的指数。',
  'lr_end_epoch of the recipe: where the rate would reach 0, usually after the end of the run.':
    '配方中的 lr_end_epoch：学习率降到 0 的时刻，通常在运行结束之后。',
  Halvings: '减半',
  'Epochs from which the rate is halved once more.': '从这些轮起学习率再减半一次。',
  'MindSpore warm-up cosine annealing': 'MindSpore 预热余弦退火',
  'Warm-up max·(i + 1)/W, then max·[(T − i)/D · ½(1 + cos(0.94π·i/D)) + 1e-5]: mindspore-cosine from 0.':
    '预热 max·(i + 1)/W，之后 max·[(T − i)/D · ½(1 + cos(0.94π·i/D)) + 1e-5]：从 0 开始的 mindspore-cosine。',
  'Multi-step decay': '多级衰减',
  'lr·factor^(number of milestones passed).': 'lr·factor^（已过的里程碑数）。',
  Milestones: '里程碑',
  'Epochs, counted from the start of the run, at which the learning rate is multiplied by the factor.':
    '从运行开始计的轮数，在这些轮学习率乘以系数。',
  'What the learning rate is multiplied by at each milestone.': '每个里程碑处学习率乘以的系数。',
  'One cycle': '单周期',
  'From peak/25 to the peak in the first 0.3 of the run, then to 1/10,000 of the first rate.':
    '在运行的前 0.3 从峰值/25 升到峰值，之后降到最初学习率的 1/10,000。',
  'Peak learning rate.': '峰值学习率。',
  Rise: '上升段',
  'Share of the run over which the rate climbs.': '学习率上升所占的运行比例。',
  'Start divisor': '起始除数',
  'The run begins at the peak divided by this.': '运行以峰值除以该值开始。',
  'Final divisor': '终止除数',
  'The run ends at its first rate divided by this.': '运行以最初学习率除以该值结束。',
  Shape: '形状',
  'cosine: both ways are half a cosine; linear: straight lines.': 'cosine：升降都是半个余弦；linear：直线。',
  Polynomial: '多项式',
  'final + (peak − final)·(1 − progress)^power.': 'final + (peak − final)·(1 − progress)^power。',
  'Exponent of the decay; 1 is a straight line, more falls faster at first.':
    '衰减的指数；1 为直线，越大起初降得越快。',
  'slim exponential': 'slim 指数',
  'lr·factor^⌊step / steps of everyEpochs⌋: ×0.94 every 2 epochs.':
    'lr·factor^⌊step / everyEpochs 的步数⌋：每 2 轮 ×0.94。',
  'What the learning rate is multiplied by at each stair.': '每一级学习率乘以的系数。',
  'Decay every': '衰减间隔',
  'Length of a stair, counted from the start of the run. Fractions are allowed.':
    '每一级的长度，从运行开始计。可以是小数。',
  'Step decay': '阶梯衰减',
  'lr·factor^⌊epoch / everyEpochs⌋.': 'lr·factor^⌊epoch / everyEpochs⌋。',
  'Time between two decays, counted from the start of the run.': '两次衰减之间的时间，从运行开始计。',
  'What the learning rate is multiplied by at each decay.': '每次衰减时学习率乘以的系数。',
  'Hyperbolic tangent': '双曲正切',
  'final + ½·(peak − final)·(1 − tanh(from + (to − from)·progress)).':
    'final + ½·(peak − final)·(1 − tanh(from + (to − from)·progress))。',
  From: '起',
  'Where on the curve the decay begins; the lower, the longer the rate stays high.':
    '衰减从曲线何处开始；越小，学习率保持高位越久。',
  To: '止',
  'Where on the curve the decay ends; the higher, the longer the rate stays low.':
    '衰减到曲线何处结束；越大，学习率保持低位越久。',
  'timm cosine': 'timm 余弦',
  'After the warm-up, the cosine where it would be without one: the rate falls a little at once. Otherwise as cosine.':
    '预热之后接上没有预热时余弦所在的位置：学习率会立即略降。其余与余弦相同。',
  'Distributed repeats': '分布式重复',
  'Random order; the copies of an image go to different ranks, so that none sees it twice at once. For classification; losses on pairs need repeated augmentation.':
    '随机次序；同一图像的副本分到不同进程，没有进程一次看到两份。用于分类；成对损失需要重复增强。',
  Repeats: '重复次数',
  'How often each image comes.': '每张图像出现的次数。',
  copies: '份',
  'Round to': '取整到',
  'An epoch has as many draws as there are images, rounded down to a multiple of this; 0 does not round.':
    '一轮的抽取数等于图像数向下取整到该值的倍数；0 表示不取整。',
  'Some of each class': '每类若干张',
  'Each batch takes some classes at random, and of each the same number of images, as losses on pairs need it.':
    '每批随机取若干类别，每类取同样多的图像，成对损失需要这样。',
  'Images per class': '每类图像数',
  'How many images of a class come in a row. The batch must be a multiple of it.':
    '同一类别连续出现的图像数。批大小必须是它的倍数。',
  'Epoch length': '一轮长度',
  'Images drawn in an epoch as a multiple of the number of images; whole batches only.':
    '一轮抽取的图像数，为图像总数的倍数；只含完整的批。',
  'Repeat where there are few': '不足时重复',
  'Draw images more than once, augmented differently, where a class has fewer than asked. Otherwise such a class is refused.':
    '类别图像不足时重复抽取并以不同方式增强。否则拒绝这样的类别。',
  'Repeated augmentation': '重复增强',
  'Random order; each image comes several times in a row, each time augmented differently, as losses on pairs of copies need it.':
    '随机次序；每张图像连续出现多次，每次增强不同，副本对的损失需要这样。',
  'How often each image comes in a row.': '每张图像连续出现的次数。',
  'Images drawn in an epoch, copies counted, as a multiple of the number of images. With 2 and three repeats an epoch shows two thirds of the images.':
    '一轮抽取的图像数（副本计入），为图像总数的倍数。取 2 且重复三次时，一轮出现三分之二的图像。',
  Shuffled: '随机打乱',
  'Every image once an epoch, in an order of its own for each epoch.': '每轮每张图像出现一次，每轮次序不同。',
}
