"""A secret becomes a file of a pod, by the class as the component made it; it follows the manager, and it goes."""

import pytest

from tests.cluster.csi.conftest import POLL_SECONDS, Files
from tests.cluster.csi.driver import running_driver
from tests.cluster.csi.kubelet import Kubelet
from tests.local_stack import eventually

STATUSES = "/apis/secrets-store.csi.x-k8s.io/v1/namespaces/payments/secretproviderclasspodstatuses"
MODE = 0o644


def test_a_pod_has_its_secret_as_a_file_in_memory(files: Files) -> None:
    value, kubelet = files.fill("payments/api"), files.kubelet
    with kubelet.pod("payments") as pod:
        kubelet.publish(pod)
        target = kubelet.target(pod)
        assert kubelet.files(pod) == {"value": value.encode()}
        assert (kubelet.driver.inside(target) / "value").stat().st_mode & 0o777 == MODE
        assert kubelet.driver.mounts(target) == ["tmpfs"]
        assert list(target.iterdir()) == []  # what is outside the driver's mounts has nothing

        kubelet.unpublish(pod)
        assert kubelet.files(pod) == {}
        assert kubelet.driver.mounts(target) == []
        assert not kubelet.driver.inside(target).exists()


def test_what_the_driver_says_of_a_pod_goes_with_it(files: Files) -> None:
    files.fill("payments/api")
    with files.kubelet.pod("payments") as pod:
        files.kubelet.publish(pod)
        path = f"{STATUSES}/{pod.metadata['name']}-payments-app"
        assert files.view.get(path)["status"]["mounted"] is True
        files.kubelet.unpublish(pod)

    @eventually(60)
    def gone() -> None:
        assert files.view.kubernetes.get(path).status_code == 404

    gone()


def test_a_new_value_is_in_the_file_at_the_next_poll(files: Files) -> None:
    first, kubelet = files.fill("payments/api"), files.kubelet
    with kubelet.pod("payments") as pod:
        kubelet.publish(pod)
        assert kubelet.files(pod) == {"value": first.encode()}
        second = files.fill("payments/api")

        @eventually(10 * POLL_SECONDS)
        def renewed() -> None:
            kubelet.publish(pod)  # as a kubelet does again and again, for the driver `requiresRepublish`
            assert kubelet.files(pod) == {"value": second.encode()}

        renewed()
        kubelet.unpublish(pod)


def test_without_the_drivers_option_a_file_stays_as_it_was(
    files: Files, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The option is off where the driver is installed as it is published."""
    first = files.fill("payments/api")
    with running_driver(files.view, tmp_path_factory.getbasetemp() / "csi-still") as driver:
        kubelet = Kubelet(files.view, driver, files.kubelet.volume)
        with kubelet.pod("payments") as pod:
            kubelet.publish(pod)
            files.fill("payments/api")
            kubelet.publish(pod)
            assert "target path is already mounted" in driver.log.read_text()
            assert kubelet.files(pod) == {"value": first.encode()}
            kubelet.unpublish(pod)
