"""The isolation matrix from the documents of a stack alone: nothing is asked, nobody is logged in."""
