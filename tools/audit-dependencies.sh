#!/bin/sh
# Known vulnerabilities of what the locks pin, by pip-audit in an environment of its own. Exit 0: every package was looked up and none
# has one; 1: some have, or not everything could be looked up. A package that the service does not answer for is no package without
# vulnerabilities, though pip-audit alone would end with 0.
set -u
VENV=.venv-audit
PYTHON=${PYTHON:-python3}
FOUND=$(mktemp) && trap 'rm -f "$FOUND" "$FOUND.err"' EXIT

[ -x "$VENV/bin/pip-audit" ] || {
    "$PYTHON" -m venv "$VENV" &&
    "$VENV/bin/python" -m pip install -q --no-compile --disable-pip-version-check pip-audit==2.10.1
} || { echo "audit-dependencies: pip-audit cannot be installed into $VENV; check the package registry" >&2; exit 1; }

set -- requirements*.lock
for lock do set -- "$@" -r "$lock"; shift; done
"$VENV/bin/pip-audit" --disable-pip --no-deps --progress-spinner off -f json "$@" > "$FOUND" 2> "$FOUND.err"
"$VENV/bin/python" - "$FOUND" "$FOUND.err" << 'PY'
import json, sys
found, said = sys.argv[1:]
try:
    listed = json.load(open(found))["dependencies"]
except ValueError:
    last = (open(said).read().strip().splitlines() or ["no answer"])[-1]
    sys.exit(f"audit-dependencies: the vulnerability service is out of reach ({last[:200]}); nothing was audited")
skipped = [one for one in listed if "skip_reason" in one]
bad = [(one, hole) for one in listed for hole in one.get("vulns", ())]
for one, hole in bad:
    print(f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version'}")
if skipped:
    first = skipped[0]["skip_reason"]
    sys.exit(f"audit-dependencies: {len(skipped)} of {len(listed)} packages could not be looked up (the first: {first})")
print(f"{len(listed)} packages of the locks looked up, {len(bad)} vulnerabilities")
sys.exit(bool(bad))
PY
