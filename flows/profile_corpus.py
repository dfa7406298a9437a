"""The main flow: thin tasks over the stages of a run."""

from __future__ import annotations

from flows.environment import prepare

prepare()

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows import stages
from flows.profiling import profile_all
from flows.settings import Listener, RunSettings
from flows.stages import Outcome, Steps
from flows.work import Load
from labels.codebook import Codebook

TASKS = Steps(
    find=task(cache_policy=NO_CACHE, persist_result=False)(stages.find_inputs),
    read=task(cache_policy=NO_CACHE, persist_result=False, task_run_name="read-{first}-{last}")(
        stages.read_batch
    ),
    # These two are tried twice: for a processor short of memory, and for network drives that blink.
    code=task(cache_policy=NO_CACHE, persist_result=False, retries=1, task_run_name="code-{first}-{last}")(
        stages.code_batch
    ),
    profile=task(cache_policy=NO_CACHE, persist_result=False)(profile_all),
    write=task(cache_policy=NO_CACHE, persist_result=False, retries=1)(stages.write_outputs),
)


@flow(name="profile-corpus", validate_parameters=False, persist_result=False)
def profile_corpus(
    settings: RunSettings, codebook: Codebook, load: Load, listener: Listener | None = None
) -> Outcome:
    """Profile documents and write the run's files; see ``stages.profile_documents``."""
    return stages.profile_documents(settings, codebook, load, listener, steps=TASKS)
