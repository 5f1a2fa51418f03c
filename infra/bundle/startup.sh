#!/bin/bash
# What a worker of Amazon MWAA needs beside Airflow: dbt in an environment of its own, for it cannot share Airflow's, and
# the mysql client program, which the loader wants only with load_transport = program.
#
# MWAA sources this, as user airflow with sudo, on every component and on every new worker, before it installs
# requirements.txt, and kills it after 4 minutes 55 seconds. Afterwards it reads the exported variables, without which
# the component does not start. So the work is done in a subshell, gives up earlier of its own accord, and nothing here
# may `exit` or fail: what failed is in the report, which the task preflight of gghouse_daily reads.
#
# Nothing is asked of the internet as long as `make bundle` had the files: wheels and client packages come from the
# bucket of the code, from folders named by the SHA-256 of their list, which names that of each file.
#
# Only AWS can prove: that the role reaches the bucket at this time, how long a worker of each class takes, and that the
# client's packages go along with the MariaDB-common and MariaDB-shared 11.4.3 of MWAA's image.

export AIRFLOW__GGHOUSE__DBT_EXECUTABLE=${AIRFLOW_HOME:-/usr/local/airflow}/dbt_venv/bin/gghouse-dbt
export AIRFLOW__GGHOUSE__STARTUP_REPORT=${AIRFLOW_HOME:-/usr/local/airflow}/startup_report
export AIRFLOW__COSMOS__ENABLE_TELEMETRY=False

# shellcheck disable=SC2317 # step calls functions by name
(
    set +e -u -o pipefail
    wheels=none # `python -m infra bundle` writes in the SHA-256 of the wheels' list
    client=none # and that of the client packages' list, if it was given some
    limit=${GGHOUSE_STARTUP_SECONDS:-240}
    bucket=${AIRFLOW__GGHOUSE__CODE_BUCKET:-}
    component=${MWAA_AIRFLOW_COMPONENT:-unknown}
    venv=${AIRFLOW__GGHOUSE__DBT_EXECUTABLE%/bin/gghouse-dbt}
    report=$AIRFLOW__GGHOUSE__STARTUP_REPORT
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    SECONDS=0

    say() {
        echo "startup: ${SECONDS} s: $*"
    }

    # One line of the report: what, how it went, after how many seconds, and a sentence.
    note() {
        printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$SECONDS" "$3" >> "$report"
        say "$1 $2: $3"
    }

    # Seconds that may still be spent, at most as many as are asked for.
    left() {
        local rest=$((limit - SECONDS)) most=${1:-$limit}
        echo $((rest < 1 ? 1 : rest < most ? rest : most))
    }

    # Run a function that stops at the first thing that fails. The sentence is its last line of output, or the error.
    step() {
        local log=$work/$1.log began=$SECONDS code
        say "$1 begins"
        (
            set -e
            "$2"
        ) > "$log" 2>&1
        code=$?
        if ((code == 0)); then
            note "$1" ok "$(tail -n 1 "$log")"
        elif ((code == 124 || code == 137)); then
            note "$1" failed "given up after $((SECONDS - began)) s"
        else
            note "$1" failed "$(grep -m 1 -iE 'error|failed' "$log" || tail -n 1 "$log")"
        fi
        ((code == 0)) || tail -n 15 "$log" | sed 's/^/\t/' | tee -a "$report"
    }

    # Get a folder of the bucket and hold its list to the checksum that names the folder.
    fetch() {
        local folder=$1 list=$2
        if [[ -z $bucket ]]; then
            echo "AIRFLOW__GGHOUSE__CODE_BUCKET is empty; set MWAA's configuration option gghouse.code_bucket"
            return 1
        fi
        timeout -k 5 "$(left)" aws s3 cp --recursive --only-show-errors "s3://$bucket/$folder/" "$work/$folder"
        (cd "$work/$folder" && echo "${folder##*/}  $list" | sha256sum --check --strict --quiet -)
    }

    install_dbt() {
        local from=$work/wheels/$wheels
        if [[ $wheels == none ]]; then
            echo "the bundle was built without dbt's wheels; build it with \`make bundle\` and deploy it"
            return 1
        fi
        if [[ ! -f $venv/$wheels ]]; then
            fetch "wheels/$wheels" requirements.txt
            python3 -m venv --clear --without-pip "$venv"
            # --isolated: MWAA's own PIP_USER=true is not for an environment.
            timeout -k 5 "$(left)" python3 -m pip --isolated --python "$venv/bin/python" install --quiet \
                --no-cache-dir --disable-pip-version-check --no-index --find-links "$from" --require-hashes \
                --requirement "$from/requirements.txt"
            timeout -k 5 "$(left)" "$venv/bin/dbt" --help > /dev/null # every import works; no network is needed
            cp "$from/requirements.txt" "$venv/$wheels"
        fi
        # The same as dbt/gghouse-dbt, which may not have reached this worker yet.
        cat > "$AIRFLOW__GGHOUSE__DBT_EXECUTABLE" << 'LAUNCHER'
#!/bin/sh
# dbt, started in half the time by start.py; use it like dbt. Setup copies this file beside the dbt of dbt's own
# environment. As dbt does, it takes the project from DBT_PROJECT_DIR, else from the working directory.
exec "${0%/*}/python" "${DBT_PROJECT_DIR:-.}/start.py" "$@"
LAUNCHER
        chmod 755 "$AIRFLOW__GGHOUSE__DBT_EXECUTABLE"
        grep -o '^dbt-core==[^ ]*' "$venv/$wheels"
    }

    install_client() {
        local from=$work/client/$client packages
        if ! command -v mysql && ! command -v mariadb; then
            if [[ $client == none ]]; then
                # Signed by the distribution, but the version is not ours to choose, and it needs a way to its repository.
                # Where there is none, dnf would try for minutes.
                sudo timeout -k 5 "$(left 90)" dnf install --assumeyes --quiet mariadb105
            else
                fetch "client/$client" SHA256SUMS
                cd "$from"
                sha256sum --check --strict --quiet SHA256SUMS
                shopt -s nullglob
                packages=(./*."$(uname -m)".rpm ./*.noarch.rpm)
                sudo timeout -k 5 "$(left)" dnf install --assumeyes --quiet --disablerepo='*' "${packages[@]}"
            fi
        fi
        "$(command -v mysql || command -v mariadb)" --version
    }

    rm -f "$report"
    note start ok "on a $component, $(date -u +%Y-%m-%dT%H:%M:%SZ)"
    # The scheduler, the DAG processor and the triggerer need only the manifest. An mw1.micro has a hybrid: both in one.
    if [[ $component == worker || $component == hybrid ]]; then
        step dbt install_dbt
        step client install_client
    else
        note dbt skipped "only workers need it"
    fi
    note end ok "after $SECONDS s"
    exit 0
)
