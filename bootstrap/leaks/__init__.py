"""Refuses secret material in a Git repository: the working tree, what is staged, and every version in the history.

    sources.py   where texts come from: tree, index, history
    claims.py    what other files say about a path: `.sops.yaml`, Kustomize generators
    scan.py      runs the checks on each text
    shapes.py, manifests.py, kubeconfigs.py, cloud_files.py, named.py, kustomize.py, sops.py   the checks
    material.py  tells a value from a reference, a placeholder, ciphertext and what is public
    documents.py, templates.py   YAML and JSON with line numbers, Helm templates as far as they parse
    allowances.py, report.py     reviewed exceptions; what people and machines see

No value is ever printed, returned or stored: see `Finding`.
"""
