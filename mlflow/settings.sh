# What serve, backup, restore and upgrade share: settings, and how they refuse. It is sourced, and changes nothing by itself.
# shellcheck shell=bash disable=SC2034
umask 077

OURS=' FOLDER DATABASE PASSWORD_FILE ARTIFACTS HOST PORT NAMES WORKERS PYTHON ' # after FXSWEEP_SERVER_

refuse() { # MESSAGE [EXIT CODE]: 2 for a wrong setting, 6 for what is out of reach
  echo "${0##*/}: $1" >&2
  exit "${2:-2}"
}

is_setting() {
  case "$1" in
    FXSWEEP_SERVER_*) [[ $OURS == *" ${1#FXSWEEP_SERVER_} "* ]] ;;
    AWS_* | MLFLOW_S3_*) true ;;
    *) false ;;
  esac
}

read_settings() { # FILE of NAME=VALUE; what the environment says already stays. Values are not told: one may be a secret.
  local line name value number=0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
    [[ $line =~ ^([A-Za-z][A-Za-z0-9_]*)=(.*)$ ]] || refuse "$1, line $number: write NAME=VALUE, with no spaces around the =."
    name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
    is_setting "$name" || refuse "$1, line $number: $name is no setting. All are in settings.env.example."
    [ -n "${!name:-}" ] || export "$name=$value"
  done <"$1"
}

check_values() {
  local name
  for name in $(compgen -e); do # a name that is written wrongly in the environment would be passed over in silence
    [[ $name != FXSWEEP_SERVER_* || $name == FXSWEEP_SERVER_SETTINGS ]] || is_setting "$name" ||
      refuse "$name: this is no setting. All are in settings.env.example."
  done
  [[ $folder == /* ]] || refuse "FXSWEEP_SERVER_FOLDER '$folder': must be an absolute path. Write $PWD/$folder"
  [[ $artifacts == /* || $artifacts == s3://?* ]] ||
    refuse "FXSWEEP_SERVER_ARTIFACTS '$artifacts': must be an absolute path or s3://BUCKET/PATH."
  [[ $port =~ ^[1-9][0-9]{0,4}$ && $port -le 65535 ]] || refuse "FXSWEEP_SERVER_PORT '$port': must be from 1 to 65535."
  [[ $workers =~ ^[1-9][0-9]?$ ]] || refuse "FXSWEEP_SERVER_WORKERS '$workers': must be from 1 to 99."
}

find_database() { # sets store, as SQLAlchemy writes it, and for Postgres libpq, as pg_dump does, or for SQLite its file
  case "$database" in
    *://*:*@* | *password=*)
      refuse "FXSWEEP_SERVER_DATABASE: logs and lists of processes show an address, so it must have no password in it. \
Put the password into a file and name that in FXSWEEP_SERVER_PASSWORD_FILE."
      ;;
    postgresql://* | postgresql+psycopg2://*)
      kind=postgres libpq="postgresql://${database#*://}" store="postgresql+psycopg2://${database#*://}"
      ;;
    sqlite:////*) kind=sqlite file="/${database#sqlite:////}" store=$database ;;
    *) refuse "FXSWEEP_SERVER_DATABASE '$database': must be postgresql://USER@HOST:PORT/NAME or sqlite:////PATH." ;;
  esac
}

make_folder() {
  { mkdir -p "$folder/secrets" && chmod 700 "$folder" "$folder/secrets" && is_writable "$folder/secrets"; } 2>/dev/null ||
    refuse "FXSWEEP_SERVER_FOLDER '$folder': cannot be written by $(id -un). Name another, or have it made for this user."
}

is_writable() { : >"$1/.written" && rm "$1/.written"; }

use_password() { # for libpq, in a file of its own kind: not on a command line, and not in the environment
  local password
  make_folder
  [ -n "$password_file" ] || return 0
  password=$(cat -- "$password_file" 2>/dev/null) ||
    refuse "FXSWEEP_SERVER_PASSWORD_FILE '$password_file': cannot be read by $(id -un). Name the file with the password."
  [ -n "$password" ] || refuse "FXSWEEP_SERVER_PASSWORD_FILE '$password_file': is empty. Write the database's password into it."
  password=${password//\\/\\\\}
  printf '*:*:*:*:%s\n' "${password//:/\\:}" >"$folder/secrets/pgpass.new"
  mv -f "$folder/secrets/pgpass.new" "$folder/secrets/pgpass"
  export PGPASSFILE="$folder/secrets/pgpass"
}

find_python() {
  python=${FXSWEEP_SERVER_PYTHON:-${here%/*}/.venv/bin/python}
  [ -n "${FXSWEEP_SERVER_PYTHON:-}" ] || [ -x "$python" ] || python=$(command -v python3) ||
    refuse "there is no python3. Install it, or name one in FXSWEEP_SERVER_PYTHON."
}

check_modules() { # MODULE...: of the Python that runs the server; -P, for the folder mlflow/ must not stand in for the package
  local missing
  missing=$("$python" -P -c '
import sys
from importlib.util import find_spec
print(*(name for name in sys.argv[1:] if (spec := find_spec(name)) is None or spec.origin is None))' "$@" 2>/dev/null) ||
    refuse "FXSWEEP_SERVER_PYTHON '$python': cannot be run. Name a Python that has MLflow."
  [ -z "$missing" ] || refuse "$python has no ${missing// /, }. Install what a server needs: \
$python -m pip install --constraint constraints.txt --editable '.[tracking]'$([[ $missing != *boto3* ]] || echo ' boto3')"
}

load_settings() {
  local named=${FXSWEEP_SERVER_SETTINGS:-} setting
  [ -z "$named" ] || [ -r "$named" ] ||
    refuse "FXSWEEP_SERVER_SETTINGS '$named': cannot be read. Copy settings.env.example there."
  [ ! -r "${named:-$here/.env}" ] || read_settings "${named:-$here/.env}"
  for setting in MLFLOW_S3_ENDPOINT_URL AWS_SHARED_CREDENTIALS_FILE; do [ -n "${!setting:-}" ] || unset "$setting"; done
  folder=${FXSWEEP_SERVER_FOLDER:-${HOME:-}/fxsweep-server}
  database=${FXSWEEP_SERVER_DATABASE:-sqlite:///$folder/mlflow.db}
  artifacts=${FXSWEEP_SERVER_ARTIFACTS:-$folder/artifacts}
  password_file=${FXSWEEP_SERVER_PASSWORD_FILE:-}
  host=${FXSWEEP_SERVER_HOST:-127.0.0.1} port=${FXSWEEP_SERVER_PORT:-5000}
  names=${FXSWEEP_SERVER_NAMES:-} workers=${FXSWEEP_SERVER_WORKERS:-1}
  check_values
  find_database
  find_python
}
