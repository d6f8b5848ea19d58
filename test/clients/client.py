"""One call of huggingface_hub, in a process of its own.

upload REPO FILE PATH    download REPO PATH    snapshot REPO
"""

import sys

from huggingface_hub import HfApi

api = HfApi()
command, repo, *rest = sys.argv[1:]
if command == "upload":
    file, path = rest
    api.upload_file(path_or_fileobj=file, path_in_repo=path, repo_id=repo)
elif command == "download":
    print(api.hf_hub_download(repo, rest[0]))
elif command == "snapshot":
    print(api.snapshot_download(repo))
else:
    sys.exit(f"unknown command {command}")
