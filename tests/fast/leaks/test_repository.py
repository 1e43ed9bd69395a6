"""The tree, the index and every version in the history of real Git repositories."""

from pathlib import Path

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.leaks import git
from bootstrap.leaks.scan import scan
from tests.fast.leaks.fakes import fake
from tests.fast.leaks.repositories import SECRET, Repository, new_repository

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "repository")


def test_this_repository_and_its_history_pass() -> None:
    result = scan(ROOT, commits="HEAD")  # other branches of a developer are no part of it
    assert result.findings == []
    assert result.texts > 300
    assert result.commits > 0


def test_a_clean_repository_and_an_empty_one(repository: Repository) -> None:
    assert repository.found() == []
    repository.commit(**{"a.yaml": "kind: ConfigMap\n"})
    assert repository.found() == []


def test_tracked_and_new_files_of_the_tree_but_no_ignored_ones(repository: Repository) -> None:
    repository.commit(**{"a/secret.yaml": SECRET, ".gitignore": "ignored.yaml\n"})
    repository.write("new.yaml", SECRET)
    repository.write("ignored.yaml", SECRET)
    assert repository.found(with_history=False) == [
        ("a/secret.yaml", 4, "secret-manifest", False),
        ("new.yaml", 4, "secret-manifest", False),
    ]


def test_a_folder_below_means_the_whole_repository(repository: Repository) -> None:
    repository.commit(**{"a/a.txt": "a", "secret.yaml": SECRET})
    assert len(scan(repository.root / "a", with_history=False).findings) == 1


def test_what_was_removed_is_in_the_history(repository: Repository) -> None:
    repository.commit(**{"secret.yaml": SECRET})
    repository.git("rm", "--quiet", "secret.yaml")
    repository.commit("Remove it")
    assert repository.found() == [("secret.yaml", 4, "secret-manifest", True)]
    assert repository.found(with_history=False) == []
    [finding] = scan(repository.root).findings
    assert repository.git("rev-parse", "HEAD~1").stdout.strip() == finding.commit


def test_what_is_in_the_tree_is_not_said_again_of_the_history(repository: Repository) -> None:
    repository.commit(**{"secret.yaml": SECRET})
    repository.commit(**{"secret.yaml": "# moved down\n" + SECRET})
    assert repository.found() == [("secret.yaml", 5, "secret-manifest", False)]


def test_another_branch_a_tag_and_the_stash_are_history(repository: Repository) -> None:
    repository.commit(**{"a.txt": "a"})
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit(**{"branch.yaml": SECRET})
    repository.git("checkout", "--quiet", "--detach")
    repository.commit(**{"tagged.yaml": SECRET})
    repository.git("tag", "v1")
    repository.git("checkout", "--quiet", "main")
    repository.write("a.txt", fake("age"))
    repository.git("stash")
    assert {path for path, *_ in repository.found()} == {"branch.yaml", "tagged.yaml", "a.txt"}


def test_what_only_a_merge_brought_in(repository: Repository) -> None:
    repository.commit(**{"a.yaml": "a: 1\n"})
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit(**{"b.yaml": "b: 1\n"})
    repository.git("checkout", "--quiet", "main")
    repository.commit(**{"c.yaml": "c: 1\n"})
    repository.git("merge", "--no-commit", "--no-ff", "other")
    repository.commit("Merge", **{"c.yaml": SECRET})
    repository.commit("Remove it", **{"c.yaml": "c: 2\n"})
    assert repository.found() == [("c.yaml", 4, "secret-manifest", True)]


def test_a_range_of_commits(repository: Repository) -> None:
    repository.commit(**{"old.yaml": SECRET})
    repository.git("tag", "old")
    repository.commit(**{"new.yaml": SECRET})
    (repository.root / "old.yaml").unlink()
    (repository.root / "new.yaml").unlink()
    assert [finding.path for finding in scan(repository.root, commits="old..HEAD").findings] == ["new.yaml"]
    with pytest.raises(BootstrapError):
        scan(repository.root, commits="--output=file")


def test_a_message_of_a_commit(repository: Repository) -> None:
    repository.commit(f"Use the token\n\n{fake('github-classic')}")
    assert repository.found() == [("(commit message)", 3, "git-host-token", True)]


def test_the_same_content_under_a_name_that_a_rule_claims(repository: Repository) -> None:
    """Git stores it once, so a walk over objects would see one of the names."""
    repository.commit(**{"plain.yaml": "pin: <number>\n"})
    repository.git("mv", "plain.yaml", "claimed.yaml")
    repository.commit(**{".sops.yaml": "creation_rules: [{path_regex: claimed, age: a}]\n"})
    repository.git("rm", "--quiet", "claimed.yaml", ".sops.yaml")
    repository.commit("Remove both")
    assert repository.found() == [("claimed.yaml", 1, "sops-plaintext", True)]


@pytest.mark.parametrize("name", ["with space.yaml", "ümlaut.yaml", 'quote".yaml', "new\nline.yaml", "tab\t.yaml"])
def test_names_that_git_quotes(name: str, repository: Repository) -> None:
    repository.commit(**{name: SECRET})
    assert repository.found() == [(name, 4, "secret-manifest", False)]
    (repository.root / name).unlink()
    assert repository.found() == [(name, 4, "secret-manifest", True)]


def test_binary_files_links_and_submodules(repository: Repository, tmp_path: Path) -> None:
    (repository.root / "image.bin").write_bytes(b"\0\xff" * 999 + b"\n" + fake("age").encode() + b"\n\0")
    (repository.root / "link.yaml").symlink_to("nowhere")
    other = new_repository(tmp_path / "other")
    other.commit(**{"a.txt": "a"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "module")
    repository.commit()
    assert repository.found() == [("image.bin", 2, "age-key", False)]
    assert repository.found(staged=True) == []


def test_large_files_are_read_in_pieces(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "_PIECE", 1000)
    lines = "".join(f"line {number}\n" for number in range(2000))
    repository.commit(**{"large.txt": lines + "<github-classic>\n" + lines})
    (repository.root / "large.txt").unlink()
    assert repository.found() == [("large.txt", 2001, "git-host-token", True)]


def test_only_what_is_staged(repository: Repository) -> None:
    repository.commit(**{"old.yaml": SECRET})
    repository.write("staged.yaml", SECRET)
    repository.git("add", "staged.yaml")
    repository.write("staged.yaml", "a: b\n")  # the index counts, not the tree
    repository.write("unstaged.yaml", SECRET)
    assert repository.found(staged=True) == [("staged.yaml", 4, "secret-manifest", False)]


def test_the_first_commit_can_be_refused(repository: Repository) -> None:
    repository.write("staged.yaml", SECRET)
    repository.git("add", "staged.yaml")
    assert len(repository.found(staged=True)) == 1


def test_a_staged_rule_may_claim_what_did_not_change(repository: Repository) -> None:
    repository.commit(**{"vars/a.yaml": "pin: <number>\n"})
    assert repository.found(staged=True) == []
    repository.write(".sops.yaml", "creation_rules: [{path_regex: ^vars/, age: a}]\n")
    repository.git("add", ".sops.yaml")
    assert repository.found(staged=True) == [("vars/a.yaml", 1, "sops-plaintext", False)]


def test_a_folder_without_a_repository_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BootstrapError, match="run it in a Git repository"):
        scan(tmp_path)


def test_a_content_that_is_missing_is_an_error(repository: Repository) -> None:
    repository.commit(**{"a.txt": "a"})
    blob = repository.git("rev-parse", "HEAD:a.txt").stdout.strip()
    (repository.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(BootstrapError, match="no content of version"):
        scan(repository.root)
