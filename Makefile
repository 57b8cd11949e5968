# Aliases of ./dev, for those whose fingers type make.
.PHONY: test demo lint types bench setup

test demo lint types bench setup:
	./dev $@
