#!/bin/sh
# text.wat -> text.wasm, with the wat2wasm of the dev dependency `wabt`. A test holds them together.
set -e
cd "$(dirname "$0")"
../../../../node_modules/.bin/wat2wasm text.wat -o text.wasm
