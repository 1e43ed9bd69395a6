"""The providers `gcp` and `azure-native`: clouds that are only recorded, in a file of the stack.

What a resource type takes is read from the installed SDK. What the cloud adds is a small table for each cloud: ids and
other outputs, what replaces, what must be there before, what a deletion leaves. Nothing else of the cloud is there.
"""
