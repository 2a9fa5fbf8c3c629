"""What every session of tests begins with: the kernel is compiled once, before there are several to do it at once."""


def pytest_configure(config):
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        from servicechain.warming import fill

        fill()
