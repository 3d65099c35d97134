from facegen.render import windowless

windowless.prepare()
