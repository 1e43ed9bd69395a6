"""The provider `aws`, by boto3 against the endpoint in `AWS_ENDPOINT_URL`: one module for each service."""
