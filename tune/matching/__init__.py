"""`fxsweep match`: a recording made to sound like another one."""
