module tenondb

go 1.24
