"""The jobs: plain, frozen, validated descriptions of work, complete enough to do it again."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Sampler = Literal[
    "pndm", "ddim", "ddpm", "euler", "euler_a", "heun", "dpmpp_2m", "dpmpp_2m_karras", "dpmpp_sde", "unipc", "lcm",
    "tcd", "rectified_flow", "perflow",
]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
PredictionType = Literal["epsilon", "v_prediction"]
MemorySaving = Literal[
    "sequential_guidance", "sliced_attention", "tiled_vae", "model_offload", "sequential_offload"
]
FastPart = Literal["tiny_decoder", "guidance_cutoff", "feature_caching"]
ImageFormat = Literal["png", "jpeg", "webp"]
Metric = Literal[
    "clip", "blip", "clip_score", "clip_100", "directional", "image_similarity", "style", "agreement", "pickscore",
    "hps",
    "fid", "fid_5k", "fid_30k", "kid", "inception_score", "cmmd", "fid_clip", "precision_recall", "memorisation",
]
"""What can be measured; library.evaluation.metric_catalogue says of each what it is and needs."""

Count = Annotated[int, Meta(ge=1, le=100_000)]
Steps = Annotated[int, Meta(ge=1, le=1_000)]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1)]
SizePx = Annotated[int, Meta(ge=16, le=4096)]
Scale = Annotated[float, Meta(ge=0.0, le=100.0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0)]
AtLeastZero = Annotated[float, Meta(ge=0.0)]


class LoraUse(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A LoRA file and how strongly it counts."""

    path: str
    weight: float = 1.0


class PromptRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a prompt list; what is None is taken from the job."""

    prompt: str
    negative_prompt: str | None = None
    count: Count | None = None
    seed: Seed | None = None
    num_inference_steps: Steps | None = None
    guidance_scale: Scale | None = None
    width: SizePx | None = None
    height: SizePx | None = None
    sampler: Sampler | None = None


class GenerateJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="generate"):
    """Draw every prompt `count` times, with the seeds seed, seed + 1, …; images land in out_dir."""

    model: str
    prompts: tuple[PromptRow, ...]
    out_dir: str
    loras: tuple[LoraUse, ...] = ()
    style_prefix: str = ""
    negative_prompt: str = ""
    count: Count = 1
    seed: Seed = 0
    num_inference_steps: Steps = 25
    guidance_scale: Scale | None = None
    """None takes the model's own default."""
    sampler: Sampler | None = None
    """None takes the scheduler the model folder names."""
    width: SizePx | None = None
    height: SizePx | None = None
    device: str = "auto"
    precision: Precision = "auto"
    batch_size: Count | None = None
    """Images denoised together; None lets the engine choose. Recorded, because it moves the last bits."""
    num_threads: Count | None = None
    kept: tuple[Annotated[int, Meta(ge=0)], ...] = ()
    """Which pictures are saved, by their numbers in the order above, from 0; the others are only denoised in the same
    batches, for the sake of the last bits. Empty saves all."""
    style_suffix: str = ""
    wildcards: bool = False
    """Make the choices of {one|another} in the texts, anew for every image, by its seed."""
    prompt_weighting: bool = False
    """Let (brackets:1.2) in the texts weigh their words, in A1111's notation."""
    clip_skip: Annotated[int, Meta(ge=0, le=100)] = 0
    """How many of the text encoder's last layers are left out; A1111 calls 0 here 1."""
    guidance_rescale: Share = 0.0
    init_image: str | None = None
    """A picture to draw from; it is never written to."""
    strength: Share | None = None
    """How far it is drawn anew; None takes 0.75, and 1 where there is a mask."""
    mask_image: str | None = None
    """White where init_image is drawn anew; the rest stays."""
    memory_savings: tuple[MemorySaving, ...] = ()
    """Taken from the start; the engine takes more where memory is short. Recorded, because they move the last bits."""
    keep: bool = True
    """False leaves the images in the run's folder, from where they can be saved (library.drawing.unsaved)."""
    embeddings: tuple[str, ...] = ()
    """Textual-inversion files; a prompt calls each by its file's name, or the name the file gives it."""
    allow_pickle: bool = False
    """Read .ckpt, .bin and .pt too, which the person must have asked for; those that would run code stay refused."""
    fast: tuple[FastPart, ...] = ()
    """Shortcuts that give nearly the same pictures sooner; none unless asked for. Recorded: they change pictures."""
    image_format: ImageFormat = "png"
    """What the images are saved as; only PNG keeps every bit. The record is in all of them."""
    keep_unmasked: bool = True
    """Put the very pixels of init_image back where mask_image is black, but for a thin edge. False leaves what the
    model makes of them, as older versions did: for drawing their pictures again."""


class TrainJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="train"):
    """Fine-tune a model's U-Net on image-caption pairs; the tuned pipeline lands in out_dir/model."""

    model: str
    dataset: str
    """A folder or file in one of the layouts library.dataset reads, owner/name on the hub, or demo-sketch / -colour."""
    out_dir: str
    image_column: str = "image"
    caption_column: str = "text"
    resolution: SizePx | None = None
    """None takes the model's own."""
    center_crop: bool = True
    random_flip: bool = True
    max_train_samples: Count | None = None
    max_train_steps: Annotated[int, Meta(ge=1)] = 500
    train_batch_size: Count = 4
    gradient_accumulation_steps: Count = 1
    gradient_checkpointing: bool = False
    learning_rate: Positive = 1e-5
    lr_scheduler: Literal["constant", "constant_with_warmup", "linear", "cosine"] = "constant"
    lr_warmup_steps: Annotated[int, Meta(ge=0)] = 0
    optimizer: Literal["adamw", "adamw_8bit", "muon", "adafactor", "lion", "lion_8bit"] = "adamw_8bit"
    adam_beta1: Share = 0.9
    adam_beta2: Share = 0.999
    adam_weight_decay: AtLeastZero = 1e-2
    adam_epsilon: Positive = 1e-8
    max_grad_norm: AtLeastZero = 1.0
    use_ema: bool = True
    ema_decay: Share = 0.9999
    loss_weighting: Literal["uniform", "velocity"] = "uniform"
    snr_gamma: AtLeastZero | None = None
    noise_offset: AtLeastZero = 0.0
    input_perturbation: AtLeastZero = 0.0
    caption_dropout: Share = 0.0
    train_text_encoder: bool = False
    cache_latents: bool = True
    validation_prompts: tuple[str, ...] = ()
    validation_steps: Annotated[int, Meta(ge=1)] = 100
    validation_share: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.0
    """How much of the data set is held out; its loss at fixed timesteps is logged as val_loss."""
    checkpointing_steps: Annotated[int, Meta(ge=1)] = 100
    checkpoints_total_limit: Count = 2
    seed: Seed = 0
    device: str = "auto"
    precision: Precision = "auto"
    num_threads: Count | None = None
    resume: bool = False
    aspect_buckets: bool = False
    """Train in shapes near each picture's own, of about resolution² pixels, instead of in squares."""
    streaming: bool = False
    """Read a data set of the hub once, without keeping it on this machine."""
    captions_file: str = ""
    """Captions in place of the set's own, as library.dataset.captions writes them."""
    lora_rank: Annotated[int, Meta(ge=0, le=1024)] = 0
    """Train low-rank adapters of this rank, and leave the weights; 0 trains the weights themselves."""
    lora_alpha: Positive | None = None
    """The adapters count alpha / rank; None takes the rank."""
    lora_targets: Literal["attention", "attention_ff", "all"] = "attention"
    """What they adapt: attention, its feed-forward layers too, or the convolutions as well."""
    non_finite_limit: Count = 10
    """After so many steps in a row without a number for a loss the run stops; each is skipped."""
    loss: Literal["mse", "huber"] = "mse"
    huber_c: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.1
    """Errors beyond it count by their size and no longer by its square."""
    huber_schedule: Literal["constant", "exponential", "snr"] = "snr"
    """How huber_c falls from 1, at little noise, towards its value at most noise."""
    fused_step: bool = False
    """Step each weight as soon as its gradient is there: no more than one gradient is ever in memory."""
    bf16_weights: bool = False
    """Hold what is trained in bf16, rounded at random so that small steps are not lost."""
    ema_device: Literal["same", "cpu", "disk"] = "same"
    """Where the average lies."""
    allow_tf32: bool = True
    """On a graphics card, multiply fp32 matrices with 10 bits of their fractions."""
    activation_budget_gib: AtLeastZero | None = None
    """With gradient checkpointing, compute again only so many blocks that the rest fits in this; None: all of them."""
    reward_weight: AtLeastZero = 0.0
    """How much it counts that what the model has in mind fits its caption, by a CLIP; 0 leaves that out."""
    reward_clip: str = "demo-reward-clip"
    """Another one than what judges the outcome, or the outcome would flatter."""
    reward_prefix: str = ""
    """Stands before every caption that is judged: the style's words, where captions do not say them."""
    reward_below: Share = 0.3
    """Only noise levels below this share of the schedule are judged: with more noise nothing can be seen yet."""
    reward_threshold: Annotated[float, Meta(ge=-1.0, le=1.0)] | None = None
    """A cosine that is good enough; None always wants more."""
    reward_start_step: Annotated[int, Meta(ge=0)] = 0
    reward_every: Count = 1
    """Only every so many steps, since it costs time."""
    fork_from: str = ""
    """A checkpoint that a new training begins with, its optimiser's state and step included; "" begins anew."""
    optimizer_device: Literal["same", "cpu"] = "same"
    """Where the optimiser keeps its state and steps; gradients and weights then travel at every step."""
    tracker: Literal["", "tensorboard", "trackio", "wandb"] = ""
    """What its numbers are handed on to as well; one that is missing or fails is told and left out."""


class TrialJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="trial"):
    """Do two steps of a training to learn what they take of memory and time; nothing of what they make is kept."""

    training: TrainJob

    @property
    def device(self) -> str:
        """The training's; so for the next two."""
        return self.training.device

    @property
    def precision(self) -> Precision:
        """As it says."""
        return self.training.precision

    @property
    def num_threads(self) -> int | None:
        """As it says."""
        return self.training.num_threads


class MetricSources(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What some metrics compare with, and their own models; what a job's metrics do not need may be ""."""

    reference: str = ""
    """A folder of pictures: real ones for metrics of whole sets, the same subjects for those that compare pairs."""
    training_set: str = ""
    """What TrainJob.dataset takes: what the model was trained on."""
    style_prompt: str = ""
    """The style in words, for example “a black and white sketch”."""
    inception_weights: str = ""
    """The Inception network of 2015-12-05, a file; "" looks for one among the models."""
    pickscore_model: str = ""
    hps_model: str = ""
    insist: bool = False
    """Show FID below 2,048 pictures too, where it says little."""


class EvaluateJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="evaluate"):
    """Score a folder of images against their prompts; scores.csv and summary.csv land in out_dir."""

    images_dir: str
    out_dir: str
    prompts_file: str | None = None
    """None reads each image's prompt from the image itself."""
    scorer_prefix: str = ""
    metrics: tuple[Metric, ...] = ("clip", "blip")
    clip_model: str = "demo-clip"
    blip_model: str = "demo-blip"
    batch_size: Count = 16
    device: str = "auto"
    precision: Precision = "auto"
    num_threads: Count | None = None
    sources: MetricSources = MetricSources()


class StudyModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the models a study compares, under the name its tables use; or a folder of pictures in a model's place."""

    name: str
    model: str = ""
    """A model, or a checkpoint of a training; "" where `images` is given."""
    loras: tuple[LoraUse, ...] = ()
    images: str = ""
    """A folder of pictures that say their prompts, or whose captions lie beside them; nothing is drawn."""
    num_inference_steps: Steps | None = None
    """None takes the study's; so for the next two."""
    guidance_scale: Scale | None = None
    sampler: Sampler | None = None


class StudyVariant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way of asking: the words before every prompt, for the model that draws and for the model that scores."""

    name: str
    title: str = ""
    generator_prefix: str = ""
    scorer_prefix: str = ""


class StudyTiming(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a study times its models: each draws the study's prompts one by one and in batches, beside the pictures."""

    runs: Annotated[int, Meta(ge=1, le=1_000)] = 10
    """Timed draws of each model, one by one and again in batches."""
    warm_up: Annotated[int, Meta(ge=1, le=100)] = 2
    """Draws before them that do not count."""
    batch_size: Count = 4


class StudyJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="study"):
    """Draw every prompt with every model, in every variant, at the same seeds; score; compare the first two models.

    Images, scores.csv, summary.csv, study.json and report.html land in out_dir. What is drawn there already is kept.
    """

    title: str
    out_dir: str
    prompts: tuple[str, ...]
    models: tuple[StudyModel, ...]
    variants: tuple[StudyVariant, ...] = (StudyVariant(name="1"),)
    seeds: tuple[Seed, ...] = (0, 1, 2, 3, 4, 5)
    negative_prompt: str = ""
    num_inference_steps: Steps = 25
    guidance_scale: Scale | None = None
    """None takes each model's own default."""
    sampler: Sampler | None = None
    width: SizePx | None = None
    height: SizePx | None = None
    metrics: tuple[Metric, ...] = ("clip", "blip")
    clip_model: str = "demo-clip"
    blip_model: str = "demo-blip"
    device: str = "auto"
    precision: Precision = "auto"
    num_threads: Count | None = None
    sources: MetricSources = MetricSources()
    timing: StudyTiming | None = None
    """None times nothing."""


class DistillJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="distill"):
    """Make a model that draws in one or a few steps of one that needs many; it lands in out_dir/model.

    The teacher draws pairs of noise and image; then come the phases with steps, in this order: reflow (straight paths
    between the pairs), distillation (the whole path in one step), matching (the teacher's distribution, with a LoRA
    critic).
    """

    model: str
    """The teacher."""
    out_dir: str
    loras: tuple[LoraUse, ...] = ()
    prompts: tuple[str, ...] = ()
    dataset: str = ""
    """What TrainJob.dataset takes; its captions are prompts too."""
    pairs_dir: str = ""
    """Where the pairs lie, gone on with where there are some of the same teacher; "" for out_dir/pairs."""
    num_pairs: Count = 4_000
    num_held_out_pairs: Annotated[int, Meta(ge=0, le=100_000)] = 256
    """Drawn too, of other seeds, and never trained on."""
    pairs_batch_size: Count = 8
    num_inference_steps: Steps = 25
    """The teacher's."""
    sampler: Sampler | None = None
    guidance_scale: Scale | None = None
    """Baked into the pairs: the student is drawn with without guidance. None takes the model's own default."""
    resolution: SizePx | None = None
    """None takes the model's own."""
    student: Literal["velocity", "teacher"] = "velocity"
    """What the student's U-Net says: a velocity, as InstaFlow's does, or the same as the teacher's."""
    lora_rank: Annotated[int, Meta(ge=0, le=1024)] = 0
    """Train low-rank adapters of this rank over the teacher, whose head is then kept; 0 trains the weights."""
    reflow_steps: Annotated[int, Meta(ge=0)] = 1_000
    distil_steps: Annotated[int, Meta(ge=0)] = 1_500
    matching_steps: Annotated[int, Meta(ge=0)] = 0
    student_steps: Annotated[int, Meta(ge=1, le=8)] = 1
    """In how many steps the student is to draw; matching trains for just these."""
    time_shape: AtLeastZero = 4.0
    """How much more often reflow takes times near both ends: exp(a t) + exp(a (1 - t)); 0 takes all alike."""
    endpoint_share: Share = 0.2
    """How much of reflow's times are pure noise itself, where a single step begins."""
    huber_c: Positive | None = None
    """Errors of a sample beyond it count by their size; None takes 0.00054 times the root of the latents' size."""
    feature_weight: AtLeastZero = 0.1
    """How much likeness in the features of the VAE's decoder counts in distillation, beside the latents'."""
    matching_guidance_scale: Scale = 4.5
    critic_rank: Annotated[int, Meta(ge=1, le=1024)] = 64
    critic_learning_rate: Positive = 1e-3
    critic_updates: Annotated[int, Meta(ge=1, le=100)] = 1
    """Steps of the critic for one of the student."""
    matching_pairs_weight: AtLeastZero = 0.25
    """How much the pairs still count while matching, against the loss of variety."""
    train_batch_size: Count = 32
    gradient_accumulation_steps: Count = 1
    gradient_checkpointing: bool = False
    learning_rate: Positive = 2e-4
    final_learning_rate: Positive = 1e-4
    """Each phase falls to it, along a cosine."""
    lr_warmup_steps: Annotated[int, Meta(ge=0)] = 50
    optimizer: Literal["adamw", "adamw_8bit"] = "adamw"
    adam_weight_decay: AtLeastZero = 0.0
    max_grad_norm: AtLeastZero = 1.0
    ema_decay: Share = 0.995
    non_finite_limit: Count = 10
    validation_prompts: tuple[str, ...] = ()
    validation_steps: Annotated[int, Meta(ge=1)] = 250
    """How often the held-out pairs are measured, and teacher and student drawn side by side."""
    checkpointing_steps: Annotated[int, Meta(ge=1)] = 250
    seed: Seed = 0
    device: str = "auto"
    precision: Precision = "auto"
    num_threads: Count | None = None
    resume: bool = False
    captions_file: str = ""
    """Captions in place of the data set's own, as TrainJob has it."""
    start: str = ""
    """A model of few steps whose U-Net the student begins with, instead of the teacher's; one of the same shape."""
    start_base: str = ""
    """What the start was made from: what it learnt beyond that is added to the teacher. "" takes it as it is."""
    lpips_weights: str = ""
    """A safetensors file of LPIPS with VGG, which then judges pictures in the place of the decoder's features."""


class CaptionJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="caption"):
    """Let BLIP write captions for pictures of a data set, into a captions file of the project."""

    dataset: str
    """What TrainJob.dataset takes; its own files are only read."""
    captions_file: str
    """Where they are kept, as library.dataset.captions writes them; captions of other pictures in it stay."""
    pictures: tuple[str, ...] = ()
    """Which pictures, by the names the data set's check gives them; () for those without a caption."""
    prefix: str = ""
    """Words that every caption begins with."""
    blip_model: str = "demo-blip"
    batch_size: Count = 8
    device: str = "auto"
    precision: Precision = "auto"
    num_threads: Count | None = None
    image_column: str = "image"
    caption_column: str = "text"
    streaming: bool = False
    """As TrainJob has them."""


class DownloadJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="download"):
    """Fetch a model from the hub into the data folder's models, where it appears whole or not at all."""

    repos: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Hub ids: the one that is wanted, then its mirrors, tried in this order."""
    revision: str = "main"
    """A branch, a tag or a commit."""
    weights: Literal["fp32", "fp16"] = "fp32"
    """Which weights to take where a repository has both; where it has only the other, that is taken."""
    file: str = ""
    """One weight file of the repository; "" for a whole pipeline or network."""
    name: str = ""
    """What to call it here; "" for the name of the repository, or of the file."""


class ConvertJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="convert"):
    """Write a pickled weight file (.ckpt, .bin, .pt) as safetensors into the data folder's models; it is only read."""

    path: str
    name: str = ""
    """What to call it here; "" for the file's own name."""


class ProbeJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="probe"):
    """Find out which devices and precisions work on this machine."""


Job = (
    GenerateJob | TrainJob | TrialJob | EvaluateJob | StudyJob | DistillJob | CaptionJob | DownloadJob | ConvertJob
    | ProbeJob
)
