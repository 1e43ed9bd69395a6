"""The running controller. It reads its keys when it starts, so a new key takes a restart."""

import datetime

import httpx2
from tenacity import RetryError, retry, retry_if_result, stop_after_delay, wait_fixed

from bootstrap.errors import BootstrapError
from bootstrap.kubernetes_api import not_rolled_out

NAME = "sealed-secrets"
_SECONDS = 180


def restart(http: httpx2.Client, namespace: str) -> bool:
    """Roll the controller's pod and wait for the new one; False if there is no controller yet.

    Its start is also what opens a SealedSecret that was given up for want of a key (sealed-secrets v0.40.0,
    `controller.go`: after five attempts it waits for a change or a restart).
    """
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{NAME}"
    now = datetime.datetime.now(datetime.UTC).isoformat()
    annotations = {"kubectl.kubernetes.io/restartedAt": now}  # what `kubectl rollout restart` sets
    answer = http.patch(
        path,
        json={"spec": {"template": {"metadata": {"annotations": annotations}}}},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    if answer.status_code == httpx2.codes.NOT_FOUND:
        return False
    if answer.is_error:
        raise BootstrapError(
            f"Deployment {namespace}/{NAME}",
            f"the API server answers {answer.status_code}",
            "be somebody who may restart it; its keys are already there",
        )
    try:
        _wait(http, path)
    except RetryError:
        raise BootstrapError(
            f"Deployment {namespace}/{NAME}",
            f"its new pod was not ready within {_SECONDS} seconds",
            "read the log of its pod",
        ) from None
    return True


@retry(retry=retry_if_result(lambda ready: not ready), stop=stop_after_delay(_SECONDS), wait=wait_fixed(0.5))
def _wait(http: httpx2.Client, path: str) -> bool:
    return not_rolled_out(http.get(path).raise_for_status().json()) is None
