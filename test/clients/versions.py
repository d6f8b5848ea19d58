"""What differs between the supported releases of huggingface_hub."""

import huggingface_hub

VERSION = tuple(int(part) for part in huggingface_hub.__version__.split(".")[:2] if part.isdigit())

try:
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )
except ImportError:
    from huggingface_hub.utils import (  # noqa: F401
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

BadRequestError = getattr(huggingface_hub.errors if hasattr(huggingface_hub, "errors") else huggingface_hub.utils, "BadRequestError")
# Older releases raise the class that it was made of.
DisabledRepoError = huggingface_hub.errors.DisabledRepoError if VERSION >= (0, 30) else HfHubHTTPError


def lfs_of(item):
    """Hash and size behind an LFS pointer, or None; releases before 0.21 answer with a dict."""
    lfs = item.lfs
    if lfs is None:
        return None
    return (lfs["sha256"], lfs["size"]) if isinstance(lfs, dict) else (lfs.sha256, lfs.size)


def status_of(error):
    """The HTTP status behind an exception of the client."""
    return error.response.status_code
