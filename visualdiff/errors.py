"""Every exception that is raised on purpose; their texts are for people."""

from visualdiff.urls import show_urls


class VisualdiffError(Exception):
    """Base of all errors that visualdiff raises on purpose."""

    def __init__(self, *texts: object) -> None:
        super().__init__(*(show_urls(text) if isinstance(text, str) else text for text in texts))


class ConfigError(VisualdiffError):
    """The configuration or the command line is wrong; nothing was compared.

    `mistakes` holds one line for each mistake, so that all of them can be mended in one go.
    """

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(map(show_urls, mistakes))


class ImageError(VisualdiffError):
    """A file could not be turned into pixels; the text says why, in a user's words."""


class DamagedImageError(ImageError):
    """A file holds no image, or only a part of one, so that only another file helps."""


class NotAFileError(VisualdiffError, OSError):
    """A path leads to a folder, a pipe or a device, where a file is wanted."""


class MaskError(ImageError):
    """Two images cannot be compared with their masks; the text says which one, and why."""


class BaselineError(VisualdiffError):
    """A baseline could not be written."""


class ReviewError(VisualdiffError):
    """A report cannot be acted on; the text says why, and what to do."""


class BaselineNameError(VisualdiffError, ValueError):
    """A baseline cannot have this name."""


class UnsupportedImageError(VisualdiffError, TypeError):
    """An object is of no kind that an image can be made of."""


class ReportError(VisualdiffError):
    """A report could not be written, or none could be read where one was named."""


class WorkerStartError(VisualdiffError):
    """Worker processes die before they accept work."""
