### What Gusset says in English. One message is one line, but for the forms of a plural.
