#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image of the autograder: on Ubuntu, with a network.
set -euo pipefail
cd "$(dirname "$0")"

apt-get update
apt-get install --yes --no-install-recommends libseccomp2 python3-venv
# The image's own Python may be too old. Student code runs as another user, so Python must not be in root's home.
export UV_PYTHON_INSTALL_DIR=/opt/python UV_CACHE_DIR=/tmp/uv
python3 -m venv /opt/uv
/opt/uv/bin/pip install --quiet uv
/opt/uv/bin/uv venv --clear --python 3.12 .venv

install() { /opt/uv/bin/uv pip install --python .venv/bin/python "$@"; }
if [ -f requirements.lock ]; then
    install --require-hashes --requirement requirements.lock
    install --no-deps --index https://download.pytorch.org/whl/cpu "$(grep -o 'torch==[0-9.]*' pyproject.toml)"
    install --no-deps --no-build-isolation --editable .
else
    install --requirement requirements.txt
fi
rm -rf /tmp/uv

# For the log of the build: which walls of the sandbox stand here.
.venv/bin/python -m autograder doctor || echo "Read what is above: where a wall is missing, nothing is judged."
