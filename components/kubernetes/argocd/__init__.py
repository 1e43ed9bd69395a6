"""What Argo CD finds when it starts. It installs no Argo CD: this comes first, so that Argo CD starts from nothing."""
