-- Less room is left on a page than before (60). Where many start and end at once, their versions need other pages anyway, and later rows
-- do not come to a page that is fuller. What is left serves heartbeats and reports, which change no indexed column (HOT).
alter table operations set (fillfactor = 85)
