"""Everything around `pulumi up`: toolchain, state backend, local cloud, offline providers, command line."""
