// CSyntax: being written.
