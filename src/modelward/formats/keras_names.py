"""What Keras itself calls its classes and functions, of versions 1 to 3: these need no code from
elsewhere.
"""

from __future__ import annotations

_CLASSES = """
    AUC LayerScale CustomScaleLayer StochasticDepth ClassToken AddPositionEmbs AWQConfig AWQDTypePolicy Abs
    AbsMaxQuantizer Absolute Accuracy Activation ActivityRegularization Adadelta Adafactor Adagrad Adam AdamW
    Adamax AdaptiveAveragePool AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPool AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D AdaptiveQuantileLoss Add
    AddLoss AddMetric AdditiveAttention AffineTransform All AllClose AlphaDropout Amax Amin Angle Any Append
    Arange Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh Argmax Argmin Argpartition Argsort Array
    ArraySplit AssociativeScan AtrousConvolution1D AtrousConvolution2D Attention AttentionV1 AugMix
    AutoCastVariable AutoContrast Average AveragePool AveragePooling1D AveragePooling2D AveragePooling3D
    AvgPool1D AvgPool2D AvgPool3D BatchNorm BatchNormalization BatchNormalizationV1 BatchNormalizationV2
    Bidirectional BinaryAccuracy BinaryCrossentropy BinaryFocalCrossentropy BinaryIoU Bincount BitwiseAnd
    BitwiseInvert BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor BroadcastTo CDist CTC
    CTCDecode CTCLoss Cast CategoricalAccuracy CategoricalCrossentropy CategoricalFocalCrossentropy
    CategoricalGeneralizedCrossEntropy CategoricalHinge CategoryCrossing CategoryEncoding Cbrt Ceil Celu
    CenterCrop Cholesky CholeskyInverse Circle ClassMethod Clip CombinerPreprocessingLayer Concatenate
    ConcordanceCorrelation Cond Config Conj Conjugate Constant ConstantV2 Constraint
    ContrastLimitedAdaptiveHistogramEqualization Conv Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D
    Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM2DCell ConvLSTM3D ConvLSTMCell ConvRNN2D ConvRecurrent2D
    ConvTranspose ConvertToTensor Convolution1D Convolution1DTranspose Convolution2D Convolution2DTranspose
    Convolution3D Convolution3DTranspose Copy Corrcoef Correlate Cos Cosh CosineDecay CosineDecayRestarts
    CosineProximity CosineSimilarity CountNonzero CropImages Cropping1D Cropping2D Cropping3D Cross CuDNNGRU
    CuDNNLSTM Cumprod Cumsum CustomObjectScope CutMix DTypePolicy DTypePolicyMap Deconvolution2D
    Deconvolution3D Deg2rad Dense DenseFeatures DepthToSpace DepthwiseConv DepthwiseConv1D DepthwiseConv2D
    Det Diag Diagflat Diagonal Dice Diff Digitize Discretization DistillationLoss Distiller Divide
    DivideNoNan Dot DotProductAttention Dropout Dsplit Dstack DynamicLossScale ELU Eig Eigh Einsum
    EinsumDense ElasticTransform Elu Embedding EmptyLike Equal Equalization Erf Erfc Erfinv Exp Exp2
    ExpandDims ExperimentalRunner Expm1 ExponentialDecay ExtractPatches ExtractSequences F1Score FBetaScore
    FFT FFT2 Fabs FalseNegatives FalsePositives Feature FeatureDistillation FeatureSpace Flatten FlaxLayer
    Flip Fliplr Flipud Float8QuantizationConfig FloatDTypePolicy Floor FloorDivide Fmax Fmin Fmod Fold
    ForiLoop Ftrl Full FullLike Function Functional GPTQConfig GPTQDTypePolicy GRU GRUCell GRUCellV2 GRUV1
    GRUV2 GaussianBlur GaussianDropout GaussianNoise Gcd Gelu Geomspace GetItem GlobalAveragePooling1D
    GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D
    GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    GlorotNormal GlorotNormalV2 GlorotUniform GlorotUniformV2 Glu Greater GreaterEqual GroupNormalization
    GroupQueryAttention GroupedQueryAttention HSVToRGB HardShrink HardSigmoid HardSilu HardTanh
    HashedCrossing Hashing HeNormal HeNormalV2 HeUniform HeUniformV2 Heaviside Highway Hinge Histogram
    Hsplit Hstack Huber Hypot I0 IFFT2 IRFFT ISTFT Identity IdentityInitializer IdentityV2 Imag InTopK
    IndexLookup Initializer Inner Input InputLayer InputSpec InstanceMethod InstanceProperty Int4DTypePolicy
    Int4QuantizationConfig Int8QuantizationConfig IntegerLookup Inv InverseTimeDecay IoU IsIn Isclose
    Isfinite Isinf Isnan Isneginf Isposinf Isreal JVP JaxLayer KLDivergence KerasTensor Kron L1 L1L2 L2 LSTM
    LSTMCell LSTMCellV2 LSTMV1 LSTMV2 Lamb Layer LayerNorm LayerNormalization Lcm Ldexp LeakyReLU LeakyRelu
    LearningRateSchedule LecunNormal LecunNormalV2 LecunUniform LecunUniformV2 LeftShift Less LessEqual
    LinearModel Linspace Lion ListWrapper LocallyConnected1D LocallyConnected2D Log Log10 Log1p Log2 LogCosh
    LogCoshError LogSigmoid LogSoftmax Logaddexp Logaddexp2 Logdet LogicalAnd LogicalNot LogicalOr
    LogicalXor LogitsDistillation Logspace Logsumexp Loss LossFunctionWrapper LossScaleOptimizer
    LossScaleOptimizerV1 LossScaleOptimizerV3 Lstsq LuFactor Map MapCoordinates Masking Matmul MatrixRank
    Max MaxNorm MaxNumBoundingBoxes MaxPool MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D
    MaxPooling3D Maximum MaxoutConv MaxoutDense Mean MeanAbsoluteError MeanAbsolutePercentageError MeanIoU
    MeanMetricWrapper MeanRelativeError MeanSquaredError MeanSquaredLogarithmicError MeanTensor Median
    MelSpectrogram Merge Meshgrid Metric Min MinMaxNorm Minimum MixUp Mod Model ModelCheckpoint Moments
    Moveaxis MultiHeadAttention MultiHot MultiOptimizer Multiply Muon Nadam NanToNum Nanargmax Nanargmin
    Nancumprod Nancumsum Nanmax Nanmean Nanmedian Nanmin Nanpercentile Nanprod Nanquantile Nanstd Nansum
    Nanvar Ndim Negative Network Nextafter NoDependency NonNeg Nonzero Norm Normalization Normalize NotEqual
    OneHot OneHotIoU OneHotMeanIoU Ones OnesLike OnesV2 Operation Optimizer OptimizerMap Orthogonal
    OrthogonalInitializer OrthogonalRegularizer OrthogonalV2 Outer PReLU PSNR Pad PadImages
    PearsonCorrelation PeepholeLSTMCell Percentile Permute PerspectiveTransform PiecewiseConstantDecay Pinv
    Pipeline Poisson Polar Policy PolicyV1 PolynomialDecay Power Precision PrecisionAtRecall
    PreprocessingLayer Prod Progbar Ptp PyDataset Qr Quantile QuantizationConfig QuantizedDTypePolicy
    QuantizedFloat8DTypePolicy Quantizer R2Score RFFT RGBToGrayscale RGBToHSV RMSNorm RMSNormalization
    RMSProp RMSprop RNN RNNCell Rad2deg RaggedTensorSpec RandAugment RandomBrightness
    RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing
    RandomFlip RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert RandomNormal
    RandomNormalV2 RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness
    RandomShear RandomTranslation RandomUniform RandomUniformV2 RandomWidth RandomZoom Ravel ReLU Real
    Rearrange Recall RecallAtPrecision Reciprocal RectifiedAdam Regularizer Relu Relu6 Repeat RepeatVector
    Rescaling Reshape Resize Resizing ReversibleEmbedding RightShift Roll RootMeanSquaredError Rot90 Round
    Rsqrt SGD SGDW SSIM STFT STFTInitializer STFTSpectrogram SVD SaturateCast ScaleAndTranslate Scan Scatter
    ScatterUpdate ScheduleFreeAdamW SearchSorted SeedGenerator SegmentMax SegmentMin SegmentProd
    SegmentReduction SegmentSum Select Selu SensitivityAtSpecificity SeparableConv SeparableConv1D
    SeparableConv2D SeparableConvolution1D SeparableConvolution2D Sequence SequenceFeatures Sequential
    Sigmoid Sign Signbit Silu SimpleRNN SimpleRNNCell Sin Sinc Sinh Size Slice SliceUpdate SlicingOpLambda
    Slogdet SobelEdges SoftShrink Softmax Softplus Softsign Solarization Solve SolveTriangular Sort
    SpaceToDepth SparseCategoricalAccuracy SparseCategoricalCrossentropy SparsePlus SparseSigmoid
    SparseTensorSpec SparseTopKCategoricalAccuracy Sparsemax SpatialDropout1D SpatialDropout2D
    SpatialDropout3D SpecificityAtSensitivity SpectralNormalization Split Sqrt Square SquaredHinge
    Squareplus Squeeze Stack StackedRNNCells Std StopGradient StringLookup Subtract Sum SumOverBatchSize
    SumOverBatchSizeMetricWrapper Swapaxes Switch SyncBatchNormalization TFOpLambda TFOptimizer Take
    TakeAlongAxis Tan Tanh TanhShrink TensorFlowOpLayer TensorSpec Tensordot TextVectorization Threshold
    ThresholdedReLU Tile TimeDistributed TimeDistributedDense TopK TopKCategoricalAccuracy
    TorchModuleWrapper Trace Transpose Trapezoid Tril Triu TrueDivide TrueNegatives TruePositives Trunc
    TruncatedNormal TruncatedNormalV2 Tversky Unfold Unique UnitNorm UnitNormalization UnravelIndex Unstack
    UpSampling1D UpSampling2D UpSampling3D Vander Var VarianceScaling VarianceScalingV2 Vdot VectorizedMap
    View ViewAsComplex ViewAsReal Vsplit Vstack Where WhileLoop WideDeepModel Wrapper ZeroPadding1D
    ZeroPadding2D ZeroPadding3D Zeros ZerosLike ZerosV2 _DictWrapper
"""

_FUNCTIONS = """
    AUC Accuracy BCE BinaryAccuracy BinaryCrossentropy BinaryFocalCrossentropy BinaryIoU CTC
    CategoricalAccuracy CategoricalCrossentropy CategoricalFocalCrossentropy CategoricalHinge Circle
    ConcordanceCorrelation Constant Constraint CosineSimilarity Dice F1Score FBetaScore FalseNegatives
    FalsePositives GlorotNormal GlorotUniform HeNormal HeUniform Hinge Huber Identity IdentityInitializer
    Initializer IoU KLD KLDivergence L1 L1L2 L2 LecunNormal LecunUniform LogCosh LogCoshError Loss
    LossFunctionWrapper MAE MAPE MSE MSLE MaxNorm Mean MeanAbsoluteError MeanAbsolutePercentageError MeanIoU
    MeanMetricWrapper MeanSquaredError MeanSquaredLogarithmicError Metric MinMaxNorm NonNeg OneHotIoU
    OneHotMeanIoU Ones Orthogonal OrthogonalInitializer OrthogonalRegularizer PearsonCorrelation Poisson
    Precision PrecisionAtRecall R2Score RandomNormal RandomUniform Recall RecallAtPrecision Regularizer
    RootMeanSquaredError STFT STFTInitializer SensitivityAtSpecificity SparseCategoricalAccuracy
    SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge Sum
    TopKCategoricalAccuracy TrueNegatives TruePositives TruncatedNormal Tversky UnitNorm VarianceScaling
    Zeros acc accuracy adadelta adafactor adagrad adam adamax adamw auc bce binary_accuracy
    binary_crossentropy binary_focal_crossentropy binary_io_u categorical_accuracy categorical_crossentropy
    categorical_focal_crossentropy categorical_generalized_cross_entropy categorical_hinge ce celu circle
    concordance_correlation constant constraint cosine cosine_proximity cosine_similarity crossentropy ctc
    deserialize dice elu exponential f1_score f_beta_score false_negatives false_positives fmeasure ftrl
    gelu get glorot_normal glorot_uniform glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
    he_normal he_uniform hinge huber identity initializer io_u kl_divergence kld kullback_leibler_divergence
    l1 l1_l2 l1l2 l2 leaky_relu lecun_normal lecun_uniform linear lion log_cosh log_cosh_error log_sigmoid
    log_softmax logcosh loss lossscaleoptimizer mae mape matthews_correlation max_norm maxnorm mean
    mean_absolute_error mean_absolute_percentage_error mean_io_u mean_iou mean_metric_wrapper
    mean_squared_error mean_squared_logarithmic_error metric min_max_norm mish mse msle multioptimizer muon
    nadam non_neg nonneg normal one one_hot_io_u one_hot_mean_io_u ones optimizer optimizermap orthogonal
    orthogonal_regularizer pearson_correlation poisson precision precision_at_recall r2_score random_normal
    random_uniform recall recall_at_precision regularizer relu relu6 rmsprop root_mean_squared_error
    schedulefreeadamw selu sensitivity_at_specificity serialize sgd sigmoid silu soft_shrink softmax
    softmax_v2 softplus softsign sparse_categorical_accuracy sparse_categorical_crossentropy sparse_plus
    sparse_sigmoid sparse_top_k_categorical_accuracy sparse_top_k_categorical_crossentropy sparsemax
    specificity_at_sensitivity squared_hinge squareplus stft sum swish tanh tanh_shrink threshold
    top_k_categorical_accuracy true_negatives true_positives truncated_normal tversky uniform unit_norm
    unitnorm variance_scaling zero zeros
"""

CLASSES = frozenset(_CLASSES.split())
#: Losses, metrics, activations, initializers and the like, as they are named by text.
FUNCTIONS = frozenset(_FUNCTIONS.split())
