"""The key of prod's SOPS files: the platform team writes them, and the pipeline of the cluster only opens them."""

import pulumi

from components import AwsNames, AwsSopsKey, AwsSopsKeyArgs

names = AwsNames(prefix="platform", environment="prod", account_id="111122223333", region="eu-west-1")
sops = AwsSopsKey(
    "sops",
    AwsSopsKeyArgs(
        names=names,
        administrators=["arn:aws:iam::111122223333:role/key-administrators"],
        editors=["arn:aws:iam::111122223333:role/platform-team"],
        appliers=["arn:aws:iam::111122223333:role/cluster-pipeline"],
    ),
)
pulumi.export("sopsKeyArn", sops.key.id)  # goes into sops-recipients.yaml
