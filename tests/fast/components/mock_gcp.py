"""What Google Cloud would answer: identifiers in the shape of the real ones."""

from collections.abc import Mapping
from typing import Any


def answers(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a resource that its inputs do not have, and its id where something uses it."""
    match token:
        case "gcp:kms/keyRing:KeyRing":
            return {"id": f"projects/{inputs['project']}/locations/{inputs['location']}/keyRings/{inputs['name']}"}
        case "gcp:kms/cryptoKey:CryptoKey":
            return {"id": f"{inputs['keyRing']}/cryptoKeys/{inputs['name']}"}
        case "gcp:secretmanager/secret:Secret":
            return {"id": f"projects/{inputs['project']}/secrets/{inputs['secretId']}"}
        case "gcp:serviceaccount/account:Account":
            email = f"{inputs['accountId']}@{inputs['project']}.iam.gserviceaccount.com"
            name = f"projects/{inputs['project']}/serviceAccounts/{email}"
            return {"email": email, "name": name, "member": f"serviceAccount:{email}"}
        case "gcp:projects/iAMCustomRole:IAMCustomRole":
            return {"name": f"projects/{inputs['project']}/roles/{inputs['roleId']}"}
        case "gcp:container/cluster:Cluster":
            return {
                "id": f"projects/{inputs['project']}/locations/{inputs['location']}/clusters/{inputs['name']}",
                "endpoint": "192.0.2.1",
                "masterAuth": {"clusterCaCertificate": "Q0E="},
            }
        case _:
            return {}
