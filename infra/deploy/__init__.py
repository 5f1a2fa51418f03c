"""Ship the bundle of a commit to Amazon MWAA, and go back: `python -m infra deploy`.

| key in the bucket                             | what                                                             |
|-----------------------------------------------|------------------------------------------------------------------|
| `releases/<commit>/…`                         | a release, written once; `release.json` comes last and completes it |
| `dags/…`                                      | what Airflow runs; MWAA copies it to every component twice a minute |
| `plugins.zip`, `requirements.txt`, `startup.sh` | read in the version that the environment names, when it starts |
| anything else of the bundle, such as `wheels/…` | written once, never changed, never deleted                     |
| `current.json`                                | which release is shipped, and to which one can go back           |
| `deploy.lock`                                 | who is deploying right now                                       |

Releases are shipped by copying inside the bucket, so a rollback builds nothing and gets the bytes that ran before.
"""

from __future__ import annotations


class DeployError(RuntimeError):
    """Nothing was deployed, or not all of it; the message says what is in the way and what to do."""
